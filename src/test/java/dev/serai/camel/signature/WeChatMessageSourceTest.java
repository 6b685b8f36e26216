package dev.serai.camel.signature;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.camel.http.FlowServer;
import dev.serai.camel.http.FlowServerSettings;
import dev.serai.ledger.model.ChangeQuery;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.LedgerException;
import dev.serai.support.CapturedLog;
import dev.serai.support.KameletRunner;
import dev.serai.support.WeChatPeer;
import dev.serai.support.WeChatPeer.Push;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.camel.Processor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Kamelet over real HTTP, with a ledger behind it and the best-known library for WeChat in front. */
class WeChatMessageSourceTest {
    private static final WeChatPeer PEER = new WeChatPeer();
    private static final String ROUTE = """
            - route:
                from:
                  uri: kamelet:wechat-message-source
                  parameters:
                    path: /hooks/wechat
                    token: "{{chat.token}}"
                    %s
                  steps:
                    %s
                    - to:
                        uri: ledger:messages
                        parameters:
                          id: "${header.CamelLedgerId}"
                          key: "${jq(.FromUserName)}"
                          version: "${jq(.CreateTime)}"
            """;
    private static final String SAFE = """
            encodingAesKey: "{{chat.aesKey}}"
            appId: "{{chat.appId}}\"""";

    @TempDir
    private Path data;

    private final HttpClient client = HttpClient.newHttpClient();
    private KameletRunner runner;
    private FlowServer server;

    @BeforeEach
    void prepare() throws Exception {
        runner = new KameletRunner(data);
        server = FlowServer.start(runner.context, FlowServerSettings.of("127.0.0.1", 0));
    }

    @AfterEach
    void stop() {
        runner.close();
    }

    private void start(String parameters, String step) throws Exception {
        runner.with(
                        ROUTE.formatted(parameters.indent(8).strip(), step),
                        Map.of(
                                "chat.token",
                                WeChatPeer.TOKEN,
                                "chat.aesKey",
                                WeChatPeer.AES_KEY,
                                "chat.appId",
                                WeChatPeer.APP_ID))
                .start();
    }

    private HttpRequest.Builder request(String query) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/hooks/wechat?" + query));
    }

    private HttpResponse<String> push(Push push) throws Exception {
        HttpRequest request = request(push.query())
                .header("Content-Type", "text/xml")
                .POST(BodyPublishers.ofString(push.body()))
                .build();
        return client.send(request, BodyHandlers.ofString());
    }

    private static Push message() {
        return PEER.encrypted(WeChatPeer.MESSAGE, Instant.now());
    }

    private List<Entry> accepted() {
        return runner.ledger().changes(new ChangeQuery("messages", null, null, 10));
    }

    private static void assertTaken(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("success");
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/plain; charset=utf-8");
    }

    @Test
    void aMessageIsAnsweredAsWechatExpectsAndKeptDecrypted() throws Exception {
        start(SAFE, "");

        assertTaken(push(message()));

        assertThat(accepted()).hasSize(1);
        Entry entry =
                runner.ledger().change("messages", accepted().get(0).sequence()).orElseThrow();
        assertThat(new String(entry.change().body(), UTF_8)).isEqualTo(WeChatPeer.MESSAGE_AS_JSON);
        assertThat(entry.change().contentType()).isEqualTo("application/json");
        assertThat(entry.change().id()).isEqualTo(WeChatPeer.ID);
        assertThat(entry.change().key()).isEqualTo("canary-openid");
        assertThat(entry.change().headers().toString()).doesNotContain("signature");
    }

    @Test
    void theQuestionWhoIsHereIsAnsweredAndIsNoChange() throws Exception {
        start(SAFE, "");

        HttpResponse<String> answer = client.send(
                request(PEER.question("4375120948345356249", Instant.now())).build(), BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("4375120948345356249");
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/plain; charset=utf-8");
        assertThat(accepted()).isEmpty();
    }

    @Test
    void whatComesAgainIsOneChangeAndAnsweredTheSame() throws Exception {
        start(SAFE, "");
        Push replayed = message();
        Push event = PEER.encrypted(WeChatPeer.EVENT, Instant.now());

        assertTaken(push(replayed));
        assertTaken(push(replayed));
        assertTaken(push(message()));
        assertTaken(push(event));
        assertTaken(push(PEER.encrypted(WeChatPeer.EVENT, Instant.now())));

        assertThat(accepted()).hasSize(2);
    }

    @Test
    void forgeriesAreRefusedAndTheLogHoldsNothingOfThem() throws Exception {
        start(SAFE, "");
        try (var log = new CapturedLog(SignatureProducer.class)) {
            Push push = message();
            HttpResponse<String> other = push(new Push(
                    push.query(),
                    PEER.encrypted(WeChatPeer.EVENT, Instant.now()).body()));
            HttpResponse<String> plain = push(PEER.plain(WeChatPeer.MESSAGE, Instant.now()));
            HttpResponse<String> old =
                    push(PEER.encrypted(WeChatPeer.MESSAGE, Instant.now().minusSeconds(400)));

            assertThat(List.of(other.statusCode(), plain.statusCode(), old.statusCode()))
                    .containsOnly(401);
            assertThat(other.headers().firstValue("Content-Type")).contains("application/problem+json");
            assertThat(other.body()).contains("\"reason\":\"forged\"");
            assertThat(plain.body()).contains("\"reason\":\"missing\"");
            assertThat(old.body()).contains("\"reason\":\"stale\"");
            assertThat(accepted()).isEmpty();
            assertThat(log.lines()).hasSize(3).allSatisfy(line -> assertThat(line)
                    .startsWith("WARN Signature refused: scheme=wechat-message path=/hooks/wechat")
                    .doesNotContain("canary", WeChatPeer.TOKEN, WeChatPeer.AES_KEY, "Encrypt"));
        }
    }

    @Test
    void overloadAndALedgerThatCannotBeWrittenAreNoSuccess() throws Exception {
        runner.context.getRegistry().bind("busy", (Processor) exchange -> {
            throw new LedgerException.Overloaded("the writer is behind", Duration.ofSeconds(2));
        });
        start(SAFE, "- process: { ref: busy }");
        HttpResponse<String> answer = push(message());
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("Retry-After")).contains("2");

        runner.context.getRegistry().bind("full", (Processor) exchange -> {
            throw new LedgerException.Unavailable("hidden", new IOException("hidden"));
        });
        runner.with(
                ROUTE.formatted(SAFE.indent(8).strip(), "- process: { ref: full }")
                        .replace("/hooks/wechat", "/hooks/full"),
                Map.of());
        Push push = message();
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.port() + "/hooks/full?" + push.query()))
                .POST(BodyPublishers.ofString(push.body()))
                .build();
        assertThat(client.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(507);
    }

    @Test
    void plainModeIsForThoseWhoChooseIt() throws Exception {
        start("mode: plain", "");

        assertTaken(push(PEER.plain(WeChatPeer.MESSAGE, Instant.now())));
        assertThat(accepted()).hasSize(1);
    }

    @Test
    void noKeyIsToBeSeenInTheNamesOfEndpoints() throws Exception {
        start(SAFE, "");

        assertThat(runner.context.getEndpoints()).isNotEmpty().allSatisfy(endpoint -> assertThat(endpoint.toString())
                .doesNotContain(WeChatPeer.TOKEN, WeChatPeer.AES_KEY));
    }

    @Test
    void withoutTheKeysTheRouteDoesNotStart() {
        assertThatThrownBy(() -> start("appId: wx1", "")).rootCause().hasMessage("encodingAesKey is empty: set it");
    }
}
