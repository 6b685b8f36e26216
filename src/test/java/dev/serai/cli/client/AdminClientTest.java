package dev.serai.cli.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.serai.support.EndlessAnswer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
            CompletableFuture<Socket> socket = CompletableFuture.supplyAsync(
                    () -> answered(server, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"));
            AdminClient client = client("http://127.0.0.1:" + server.getLocalPort(), Duration.ofSeconds(2));

            assertThatThrownBy(() -> client.get("/api/status"))
                    .isInstanceOf(CliException.class)
                    .hasMessageContaining("no complete answer from");
            socket.get().close();
        }
    }

    @Test
    void anAnswerInChunksIsRead() throws Exception {
        try (var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Socket> socket = CompletableFuture.supplyAsync(
                    () -> answered(
                            server,
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
                                    + "LINK: </api/dead?after=2>; rel=\"next\"\r\n\r\n3;x=y\r\n[1,\r\nA\r\n2         \r\n1\r\n]\r\n0\r\nEnd: 1\r\n\r\n"));
            NodeAnswer answer = client("http://localhost:" + server.getLocalPort(), Duration.ofSeconds(120))
                    .get("/api/dead?limit=2");

            assertThat(answer.node()).hasSize(2);
            assertThat(answer.next()).isEqualTo("/api/dead?after=2");
            socket.get().close();
        }
    }

    /** A connection that was kept, and that the server closes meanwhile, failed every eighth of such calls. */
    @Test
    void eachCallHasAConnectionOfItsOwnAlsoIfTheServerClosesThemWithoutSayingSo() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, 2);
            exchange.getResponseBody().write("{}".getBytes(US_ASCII));
            exchange.close();
        });
        server.start();
        AdminClient client = client("http://127.0.0.1:" + server.getAddress().getPort(), Duration.ofSeconds(120));
        for (int i = 0; i < 100; i++) {
            client.get("/api/bills/orders/newest");
            client.post("/api/bills/orders/2026-11-29", client.object());
        }
        server.stop(0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "SSH-2.0-OpenSSH\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<ht>"
            })
    void whatIsNoAnswerOfANodeIsNoNode(String answer) throws Exception {
        try (var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> closed = CompletableFuture.runAsync(() -> {
                while (!server.isClosed()) { // what gets no answer is asked once more
                    try (Socket socket = answered(server, answer)) {
                        socket.shutdownOutput();
                    } catch (IOException | UncheckedIOException e) {
                        return; // the test is over
                    }
                }
            });
            AdminClient client = client("http://127.0.0.1:" + server.getLocalPort(), Duration.ofSeconds(120));

            assertThatThrownBy(() -> client.get("/api/status"))
                    .isInstanceOfSatisfying(
                            CliException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.NO_NODE));
            server.close();
            closed.get();
        }
    }

    private static Socket answered(ServerSocket server, String answer) {
        try {
            Socket socket = server.accept();
            socket.getInputStream().read(new byte[8_192]);
            socket.getOutputStream().write(answer.getBytes(US_ASCII));
            return socket;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
