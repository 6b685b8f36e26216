package dev.serai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.serai.cli.client.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Commands that are answered without a part of the ledger. */
class IncompleteAnswerTest {
    private static final String LETTER =
            "[{\"flow\":\"orders\",\"target\":\"shop\",\"sequence\":7,\"key\":\"k\",\"error\":\"no\",\"attempts\":1}]";
    private static final String MISSING = "shards 8 to 15 cannot be read since 2026-11-30T10:00:00Z";

    private final Map<String, String> answers = new ConcurrentHashMap<>();
    private volatile boolean whole;
    private HttpServer node;
    private StringWriter out;
    private StringWriter err;

    @BeforeEach
    void start() throws IOException {
        node = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        node.createContext("/", request -> {
            request.getRequestBody().readAllBytes();
            byte[] body = answers.getOrDefault(request.getRequestURI().getPath(), "[]")
                    .getBytes(StandardCharsets.UTF_8);
            if (!whole) {
                request.getResponseHeaders().set("Serai-Incomplete", MISSING);
            }
            request.sendResponseHeaders(200, body.length);
            request.getResponseBody().write(body);
            request.close();
        });
        node.start();
    }

    @AfterEach
    void stop() {
        node.stop(0);
    }

    private int serai(String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of("--url", "http://127.0.0.1:" + node.getAddress().getPort()));
        out = new StringWriter();
        err = new StringWriter();
        return Cli.execute(new PrintWriter(out, true), new PrintWriter(err, true), all.toArray(String[]::new));
    }

    @Test
    void aListThatIsNotWholeIsPrintedAndEndsWithThree() {
        answers.put("/api/dead", LETTER);
        assertThat(serai("dead", "list", "--json")).isEqualTo(ExitCode.NO_NODE);
        assertThat(out.toString()).contains("\"sequence\":7");
        assertThat(err.toString()).contains(MISSING);

        answers.put("/api/cursors", "[]");
        assertThat(serai("cursors", "--json")).isEqualTo(ExitCode.NO_NODE);
    }

    @Test
    void nothingFoundInAPartOfTheLedgerIsNoAnswerEither() {
        assertThat(serai("dead", "list")).isEqualTo(ExitCode.NO_NODE);
        assertThat(serai("trace", "k")).isEqualTo(ExitCode.NO_NODE);
        assertThat(err.toString()).contains(MISSING).contains("no change with the key or id k");
    }

    @Test
    void wholeAnswersEndAsEver() {
        whole = true;
        assertThat(serai("dead", "list")).isEqualTo(ExitCode.NO);
        answers.put("/api/dead", LETTER);
        assertThat(serai("dead", "list", "--json")).isEqualTo(ExitCode.DONE);
        assertThat(err.toString()).isEmpty();
    }

    /** It says itself what is missing. */
    @Test
    void theStatusIsThatOfTheNode() {
        answers.put("/api/status", "{\"ok\":false}");
        assertThat(serai("status", "--json")).isEqualTo(ExitCode.NO);
    }

    @Test
    void aWrongUsageIsOneStill() {
        assertThat(serai("dead", "list", "--limit", "x")).isEqualTo(ExitCode.USAGE);
    }
}
