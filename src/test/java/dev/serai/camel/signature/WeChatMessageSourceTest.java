package dev.serai.camel.signature;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.LedgerException;
import dev.serai.support.CapturedLog;
import dev.serai.support.KameletRunner;
import dev.serai.support.WeChatPeer;
import dev.serai.support.WeChatPeer.Push;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.camel.Processor;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Kamelet over real HTTP, with a real ledger; the best-known WeChat library signs the requests. */
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

    @AutoClose
    private final KameletRunner runner = KameletRunner.listening(() -> data);

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

    private HttpResponse<String> push(Push push) throws Exception {
        return push("/hooks/wechat", push);
    }

    private HttpResponse<String> push(String path, Push push) throws Exception {
        return runner.post(path + "?" + push.query(), "text/xml", push.body().getBytes(UTF_8), Map.of());
    }

    private static Push message() {
        return PEER.encrypted(WeChatPeer.MESSAGE, Instant.now());
    }

    private List<Entry> accepted() {
        return runner.accepted("messages");
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

        Entry entry = runner.onlyAccepted("messages");
        assertThat(new String(entry.change().body(), UTF_8)).isEqualTo(WeChatPeer.MESSAGE_AS_JSON);
        assertThat(entry.change().contentType()).isEqualTo("application/json");
        assertThat(entry.change().id()).isEqualTo(WeChatPeer.ID);
        assertThat(entry.change().key()).isEqualTo("canary-openid");
        assertThat(entry.change().headers().toString()).doesNotContain("signature");
    }

    @Test
    void theAddressCheckIsAnsweredAndCreatesNoChange() throws Exception {
        start(SAFE, "");

        String question = PEER.question("4375120948345356249", Instant.now());
        HttpResponse<String> answer = runner.ask(runner.request("/hooks/wechat?" + question));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("4375120948345356249");
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/plain; charset=utf-8");
        assertThat(accepted()).isEmpty();
    }

    @Test
    void aRepeatedMessageIsOneChangeWithTheSameAnswer() throws Exception {
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
    void forgeriesAreRefusedAndNotLogged() throws Exception {
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
            assertThat(log.lines())
                    .filteredOn(line -> line.contains(" reason="))
                    .hasSize(3)
                    .allSatisfy(line -> assertThat(line)
                            .startsWith("WARN Signature refused: scheme=wechat-message path=/hooks/wechat")
                            .doesNotContain("canary", WeChatPeer.TOKEN, WeChatPeer.AES_KEY, "Encrypt"));
        }
    }

    @Test
    void overloadAndALedgerThatCannotBeWrittenAreNotAnsweredWithSuccess() throws Exception {
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
        assertThat(push("/hooks/full", message()).statusCode()).isEqualTo(507);
    }

    @Test
    void plainModeMustBeConfigured() throws Exception {
        start("mode: plain", "");

        assertTaken(push(PEER.plain(WeChatPeer.MESSAGE, Instant.now())));
        assertThat(accepted()).hasSize(1);
    }

    @Test
    void endpointNamesContainNoKey() throws Exception {
        start(SAFE, "");

        assertThat(runner.context.getEndpoints()).isNotEmpty().allSatisfy(endpoint -> assertThat(endpoint.toString())
                .doesNotContain(WeChatPeer.TOKEN, WeChatPeer.AES_KEY));
    }

    @Test
    void withoutTheKeysTheRouteDoesNotStart() {
        assertThatThrownBy(() -> start("appId: wx1", "")).rootCause().hasMessage("encodingAesKey is empty: set it");
    }
}
