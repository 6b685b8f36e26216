package dev.serai.camel.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.serai.camel.http.FlowServer;
import dev.serai.camel.http.FlowServerSettings;
import dev.serai.support.KameletRunner;
import dev.serai.support.Patience;
import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import dev.serai.support.RemoteSide.Asked;
import dev.serai.text.ExactJson;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** States that are sent again or that return, from a webhook through the ledger to a target. */
class RepeatedStatesTest {
    private static final String ROUTES = """
            - route:
                from:
                  uri: kamelet:webhook-source
                  parameters: { path: /hooks/lamps }
                  steps:
                    - to:
                        uri: ledger:lamps
                        parameters:
                          id: "${header.X-Id}"
                          key: "${header.X-Key}"
                          version: "${header.X-Version}"
                          operation: "${header.X-Operation}"
            - route:
                from:
                  uri: ledger:lamps
                  parameters: { target: wall, redeliveryDelay: 50ms }
                  steps:
                    - to: { uri: "kamelet:http-sink", parameters: { url: "{{wall}}/lamps" } }
            - route:
                from:
                  uri: direct:list
                  steps:
                    - to: { uri: "ledger:lamps", parameters: { batch: true, key: lamp, version: "1" } }
            - route:
                from:
                  uri: direct:sync
                  steps:
                    - to: { uri: "ledger:lamps", parameters: { key: lamp, version: "1", mode: sync, timeout: 100s } }
            """;

    @TempDir
    private Path data;

    private final RemoteSide wall = new RemoteSide(asked -> Answer.json("{}"));
    private KameletRunner runner;
    private URI hook;

    @BeforeEach
    void start() throws Exception {
        runner = new KameletRunner(data);
        FlowServer server = FlowServer.start(runner.context, FlowServerSettings.of("127.0.0.1", 0));
        runner.with(ROUTES, Map.of("wall", wall.url(""))).start();
        hook = URI.create("http://127.0.0.1:" + server.port() + "/hooks/lamps");
    }

    @AfterEach
    void stop() {
        runner.close();
        wall.close();
    }

    private HttpResponse<String> push(String body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(hook)
                .timeout(Patience.MAX)
                .header("X-Key", "lamp")
                .POST(BodyPublishers.ofString(body));
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
    }

    private Map<?, ?> receipt(String body, String... headers) throws Exception {
        HttpResponse<String> answer = push(body, headers);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        return ExactJson.MAPPER.readValue(answer.body(), Map.class);
    }

    private void awaitArrived(String... changes) {
        await().until(() -> wall.asked.size() >= changes.length);
        assertThat(wall.asked).extracting(RepeatedStatesTest::inShort).containsExactly(changes);
        assertThat(wall.asked)
                .extracting(asked -> asked.headers().get("idempotency-key"))
                .doesNotHaveDuplicates();
    }

    private static String inShort(Asked asked) {
        return asked.headers().get("serai-operation") + " " + new String(asked.body(), UTF_8);
    }

    @Test
    void aStateThatReturnsInOneVersionArrives() throws Exception {
        Map<?, ?> on = receipt("on", "X-Version", "1");
        Map<?, ?> onTwice = receipt("on", "X-Version", "1");
        Map<?, ?> off = receipt("off", "X-Version", "1");
        Map<?, ?> onAgain = receipt("on", "X-Version", "1");
        Map<?, ?> onAgainTwice = receipt("on", "X-Version", "1");

        assertThat(List.of(on, off, onAgain))
                .allMatch(receipt -> receipt.get("duplicate").equals(false));
        assertThat(List.of(onTwice, onAgainTwice))
                .allMatch(receipt -> receipt.get("duplicate").equals(true));
        assertThat(onTwice.get("id")).isEqualTo(on.get("id"));
        assertThat(onTwice.get("sequence")).isEqualTo(on.get("sequence"));
        assertThat(onAgainTwice.get("id")).isEqualTo(onAgain.get("id"));
        assertThat(onAgainTwice.get("sequence")).isEqualTo(onAgain.get("sequence"));
        awaitArrived("upsert on", "upsert off", "upsert on");
    }

    @Test
    void aDeleteLikeTheUpsertBeforeItArrives() throws Exception {
        receipt("", "X-Version", "1");
        receipt("", "X-Version", "1", "X-Operation", "delete");
        receipt("", "X-Version", "1", "X-Operation", "delete");
        receipt("", "X-Version", "1");

        awaitArrived("upsert ", "delete ", "upsert ");
    }

    @Test
    void theSameIdForAnotherChangeIsRefusedWithTheReason() throws Exception {
        receipt("on", "X-Id", "e1", "X-Version", "1");
        assertThat(receipt("on", "X-Id", "e1", "X-Version", "1").get("duplicate"))
                .isEqualTo(true);

        assertConflict(push("on", "X-Id", "e1", "X-Version", "1", "X-Key", "other"), "with another key");
        assertConflict(push("on", "X-Id", "e1", "X-Version", "1", "X-Operation", "delete"), "with another operation");
        assertConflict(push("on", "X-Id", "e1", "X-Version", "2"), "with another version");
        assertConflict(push("off", "X-Id", "e1", "X-Version", "1"), "with another body");
        awaitArrived("upsert on");
    }

    private static void assertConflict(HttpResponse<String> answer, String reason) {
        assertThat(answer.statusCode()).isEqualTo(409);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(answer.body()).contains("the id e1 was accepted before in flow lamps " + reason);
    }

    @Test
    void aListOfStatesThatIsSentAgainArrivesOnce() {
        List<String> states = List.of("on", "off", "on");
        runner.sendOk("direct:list", states, Map.of());
        Exchange again = runner.sendOk("direct:list", states, Map.of());

        assertThat(again.getMessage().getHeader(LedgerConstants.DUPLICATE)).isEqualTo(true);
        awaitArrived("upsert on", "upsert off", "upsert on");
    }

    @Test
    void syncModeWaitsForTheReturnOfAState() {
        for (String state : List.of("on", "off", "on", "on")) {
            Exchange sent = runner.sendOk("direct:sync", state, Map.of());
            assertThat(sent.getMessage().getHeader(LedgerConstants.OUTCOME)).isEqualTo("delivered");
        }

        awaitArrived("upsert on", "upsert off", "upsert on");
    }
}
