package dev.serai.cli.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.support.EndlessAnswer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers that a healthy node does not give. */
class AdminClientTest {
    @TempDir
    private Path folder;

    private AdminClient client(String url, Duration max) {
        return new AdminClient(url, folder.resolve("no-token"), null, null, max);
    }

    @Test
    void anEndlessAnswerIsAborted() throws Exception {
        try (var server = new EndlessAnswer(EndlessAnswer.Part.BODY)) {
            AdminClient client = client(server.url(""), Duration.ofSeconds(120));

            assertThatThrownBy(() -> client.get("/api/status"))
                    .isInstanceOf(CliException.class)
                    .hasMessageContaining("the answer is longer than");
            assertThat(server.sent()).isLessThan(EndlessAnswer.BYTES_MAX);
        }
    }

    @Test
    void anIncompleteAnswerIsGivenUp() throws Exception {
        try (var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Socket> socket = CompletableFuture.supplyAsync(() -> half(server));
            AdminClient client = client("http://127.0.0.1:" + server.getLocalPort(), Duration.ofSeconds(2));

            assertThatThrownBy(() -> client.get("/api/status"))
                    .isInstanceOf(CliException.class)
                    .hasMessageContaining("no complete answer from");
            socket.get().close();
        }
    }

    private static Socket half(ServerSocket server) {
        try {
            Socket socket = server.accept();
            socket.getInputStream().read(new byte[8_192]);
            socket.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{".getBytes(US_ASCII));
            return socket;
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
