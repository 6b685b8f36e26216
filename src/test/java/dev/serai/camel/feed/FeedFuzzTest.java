package dev.serai.camel.feed;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.camel.ingress.Edge;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Operation;
import dev.serai.support.CapturedLog;
import dev.serai.support.KameletRunner;
import dev.serai.support.RequestFuzz;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mutated requests to a feed and to a status link; -Dserai.fuzz.requests sends more of them. */
class FeedFuzzTest {
    private static final String TOKEN = "a-test-token-of-a-reader";
    private static final String END =
            " HTTP/1.1\r\nHost: h\r\nConnection: close\r\nAuthorization: Bearer " + TOKEN + "\r\n";
    private static final String ROUTE = """
            - route:
                from:
                  uri: ledger:orders
                  parameters: { target: mobile, startFrom: earliest }
                  steps:
                    - to: { uri: "feed:orders/mobile", parameters: { token: %s, ackTimeout: 1s } }
            """;

    @TempDir
    private Path data;

    @AutoClose
    private final KameletRunner runner = KameletRunner.listening(() -> data, Edge.limited(200, 200));

    @Test
    void noMutatedRequestIsTheServersFault() throws Exception {
        runner.with(ROUTE.formatted(TOKEN), Map.of()).start();
        for (int i = 0; i < 20; i++) {
            byte[] body = ("{\"n\": " + i + "}").getBytes(UTF_8);
            Change change =
                    new Change("orders", "e" + i, "k" + i, null, Operation.UPSERT, "application/json", Map.of(), body);
            runner.ledger().accept(change).join();
        }
        String ack = "{\"cursor\": \"1.2-3\"}";
        List<String> requests = List.of(
                "GET /feeds/orders/mobile?limit=3&wait=1ms" + END + "\r\n",
                "GET /feeds/orders/mobile?wait=0" + END + "Accept: application/json\r\n\r\n",
                "POST /feeds/orders/mobile/ack" + END + "Content-Length: " + ack.length() + "\r\n\r\n" + ack,
                "GET /status/orders/1" + END + "\r\n");

        RequestFuzz fuzz = new RequestFuzz();
        try (CapturedLog log = new CapturedLog()) {
            assertThat(fuzz.failures(runner.server().port(), requests)).isEmpty();
            assertThat(log.lines()).as("seed %d", fuzz.seed()).noneMatch(line -> line.startsWith("ERROR"));
        }
        assertThat(runner.ask(runner.request("/feeds/orders/mobile?wait=0").header("Authorization", "Bearer " + TOKEN))
                        .statusCode())
                .isEqualTo(200);
    }
}
