package dev.serai.connector.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.serai.support.CapturedLog;
import dev.serai.support.KameletRunner;
import dev.serai.support.Patience;
import dev.serai.support.RequestFuzz;
import dev.serai.support.TcpPeer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Mutated frames to a {@code tcp-source}; -Dserai.fuzz.requests sends more of them. */
class TcpSourceFuzzTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<Integer> OVERLOAD = Set.of(503, 507);
    private static final String ROUTE = """
            - route:
                id: in
                from:
                  uri: kamelet:tcp-source
                  parameters: { port: 0, framing: FRAMING }
                  steps:
                    - to: { uri: "ledger:chat", parameters: { id: "${jq(.id)}", key: "${jq(.key)}" } }
            """;

    @TempDir
    private Path data;

    @AutoClose
    private final KameletRunner runner = new KameletRunner(() -> data);

    @ParameterizedTest
    @CsvSource({"line", "length"})
    void noMutatedFrameIsTheServersFault(String framing) throws Exception {
        runner.with(ROUTE.replace("FRAMING", framing), Map.of("serai.limits.bodyBytes", "50000"))
                .start();
        int port = TcpPeer.port(runner.context);
        RequestFuzz fuzz = new RequestFuzz();
        String frames = frame(framing, "{\"id\":\"m-1\",\"key\":\"a\",\"text\":\"\u00e4\"}")
                + frame(framing, "{\"id\":\"m-2\",\"key\":\"b\"}");

        try (CapturedLog log = new CapturedLog()) {
            for (int i = 0; i < RequestFuzz.REQUESTS; i++) {
                String sent = fuzz.mutated(frames);
                expectGoodAnswers(framing, answers(port, sent), "seed " + fuzz.seed() + ": " + sent);
            }
            assertThat(log.lines()).as("seed %d", fuzz.seed()).noneMatch(TcpSourceFuzzTest::isError);
        }
        try (TcpPeer peer = TcpPeer.connect(runner.context, framing)) {
            assertThat(peer.ask("{\"id\":\"last\",\"key\":\"a\"}")).contains("\"sequence\"");
        }
    }

    /** The error handler of these routes is Camel's own, which logs each refused frame; a node's does not. */
    private static boolean isError(String line) {
        return line.startsWith("ERROR") && !line.startsWith("ERROR Failed delivery for");
    }

    private static String frame(String framing, String text) {
        return framing.equals("line")
                ? text + "\n"
                : "\0\0" + (char) (text.length() >> 8) + (char) (text.length() & 0xff) + text;
    }

    /** All that the server sends until it closes the connection, which it does soon after the end of what is sent. */
    private static byte[] answers(int port, String sent) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(Patience.MAX_MILLIS);
            socket.getOutputStream().write(sent.getBytes(StandardCharsets.ISO_8859_1));
            socket.shutdownOutput();
            return socket.getInputStream().readAllBytes();
        } catch (SocketException cut) {
            return new byte[0];
        }
    }

    private static void expectGoodAnswers(String framing, byte[] all, String sent) throws IOException {
        ByteArrayInputStream in = new ByteArrayInputStream(all);
        while (in.available() > 0) {
            String text = framing.equals("line") ? TcpPeer.readLine(in) : lengthFrame(in);
            JsonNode answer = JSON.readTree(text);
            int status = answer.path("status").asInt();
            assertThat(answer.has("sequence") || status < 500 || OVERLOAD.contains(status))
                    .as("%s answered by %s", sent, text)
                    .isTrue();
        }
    }

    private static String lengthFrame(ByteArrayInputStream in) throws IOException {
        int length = in.read() << 24 | in.read() << 16 | in.read() << 8 | in.read();
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }
}
