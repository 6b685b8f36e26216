package dev.serai.camel.signature;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.LedgerException;
import dev.serai.support.CapturedLog;
import dev.serai.support.KameletRunner;
import dev.serai.support.WeChatPayPeer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Context;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.camel.Processor;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Kamelet over real HTTP, with a real ledger; WeChat Pay's own library signs the requests. */
class WeChatPaySourceTest {
    private static final WeChatPayPeer PEER = WeChatPayPeer.create();
    private static final String ID = "EV-2018022511223320873";
    private static final String BODY = WeChatPayPeer.notification(ID, WeChatPayPeer.PAYMENT);
    private static final String ROUTE = """
            - route:
                from:
                  uri: kamelet:wechatpay-source
                  parameters:
                    path: /hooks/wechatpay
                    apiV3Key: "{{pay.apiV3Key}}"
                    %s
                  steps:
                    %s
                    - to:
                        uri: ledger:payments
                        parameters:
                          id: "${header.CamelLedgerId}"
                          key: "${jq(.out_trade_no)}"
                          version: "${jq(.success_time)}"
            """;
    private static final String INLINE = """
            publicKeyId: "{{pay.publicKeyId}}"
            publicKey: "{{pay.publicKey}}\"""";

    @TempDir
    private Path data;

    @AutoClose
    private final KameletRunner runner = KameletRunner.listening(() -> data);

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    @BeforeEach
    void bindMeters() {
        runner.context.getRegistry().bind("meters", meters);
    }

    private void start(String parameters, String step) throws Exception {
        String yaml = ROUTE.formatted(parameters.indent(8).strip(), step);
        runner.with(
                        yaml,
                        Map.of(
                                "pay.apiV3Key", WeChatPayPeer.API_V3_KEY,
                                "pay.publicKeyId", WeChatPayPeer.KEY_ID,
                                "pay.publicKey", PEER.publicPem()))
                .start();
    }

    private HttpResponse<String> post(String body, Map<String, String> headers) throws Exception {
        return runner.post("/hooks/wechatpay", body.getBytes(UTF_8), headers);
    }

    private HttpResponse<String> post(String body) throws Exception {
        return post(body, PEER.sign(body, Instant.now()));
    }

    private List<Entry> accepted() {
        return runner.accepted("payments");
    }

    private static void assertTaken(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
        assertThat(answer.body()).isEmpty();
        assertThat(answer.headers().map()).doesNotContainKey("content-type");
    }

    private static void assertFailed(HttpResponse<String> answer, int status, String message) {
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(answer.body()).isEqualTo("{\"code\":\"FAIL\",\"message\":\"" + message + "\"}");
    }

    @Test
    void aPaymentIsAnsweredAsWechatPayExpectsAndKeptDecrypted() throws Exception {
        start(INLINE, "");
        Map<String, String> headers = PEER.sign(BODY, Instant.now());
        headers.put("Wechatpay-Event-Type", "FORGED.BY.A.STRANGER"); // not signed, so the request's header is ignored
        headers.put("Request-ID", "08F5B8C2B506102C18FDDFEEA30620BE821E28EDC405-0");

        assertTaken(post(BODY, headers));

        Entry entry = runner.onlyAccepted("payments");
        assertThat(new String(entry.change().body(), UTF_8)).isEqualTo(WeChatPayPeer.PAYMENT);
        assertThat(entry.change().contentType()).isEqualTo("application/json");
        assertThat(entry.change().id()).isEqualTo(ID);
        assertThat(entry.change().key()).isEqualTo("P-1");
        assertThat(entry.change().version()).isEqualTo("2026-11-20T10:34:56+08:00");
        assertThat(entry.change().headers()).containsEntry("Wechatpay-Event-Type", "TRANSACTION.SUCCESS");
        assertThat(entry.change().passedHeaders().keySet())
                .allSatisfy(name -> assertThat(name).doesNotContainIgnoringCase("Signature"));
    }

    @Test
    void aRepeatedOrReplayedNotificationIsOneChangeWithTheSameAnswer() throws Exception {
        start(INLINE, "");
        Map<String, String> headers = PEER.sign(BODY, Instant.now());

        assertTaken(post(BODY, headers));
        assertTaken(post(BODY, headers));
        String again = WeChatPayPeer.notification(ID, WeChatPayPeer.PAYMENT).replace("\n", " ");
        assertTaken(post(again, PEER.sign(again, Instant.now().plusSeconds(15))));

        assertThat(accepted()).hasSize(1);
    }

    @Test
    void anotherContentUnderTheSameIdIsRefused() throws Exception {
        start(INLINE, "");
        assertTaken(post(BODY));

        HttpResponse<String> other = post(WeChatPayPeer.notification(ID, WeChatPayPeer.PAYMENT.replace("6500", "1")));

        assertThat(other.statusCode()).isEqualTo(409);
        assertThat(other.body()).startsWith("{\"code\":\"FAIL\",\"message\":\"the id " + ID);
        assertThat(accepted()).hasSize(1);
    }

    @Test
    void forgeriesProbesAndOldRequestsAreRefusedCountedAndChangeNothing() throws Exception {
        start(INLINE, "");
        try (var log = new CapturedLog(SignatureProducer.class)) {
            Map<String, String> signed = PEER.sign(BODY, Instant.now());

            assertFailed(
                    post(BODY + " ", signed),
                    401,
                    "The header Wechatpay-Signature is not the signature of this time, nonce and body: check that the key of"
                            + " this serial is the platform's and that nothing on the way changes the body.");
            assertFailed(post(BODY, Map.of()), 401, "The header Wechatpay-Serial is missing: sign the request.");
            assertThat(post(BODY, PEER.sign(BODY, Instant.now().minusSeconds(400)))
                            .statusCode())
                    .isEqualTo(401);
            signed.put("Wechatpay-Signature", "WECHATPAY/SIGNTEST/" + signed.get("Wechatpay-Signature"));
            assertFailed(post(BODY, signed), 401, "This is WeChat Pay's test that forgeries are refused.");

            assertThat(accepted()).isEmpty();
            for (String reason : List.of("forged", "missing", "stale", "probe")) {
                assertThat(meters.counter("serai.signature.refused", "scheme", "wechatpay", "reason", reason)
                                .count())
                        .as(reason)
                        .isEqualTo(1);
            }
            assertThat(log.lines())
                    .filteredOn(line -> line.contains(" reason="))
                    .hasSize(4)
                    .allSatisfy(line -> assertThat(line)
                            .startsWith("WARN Signature refused: scheme=wechatpay path=/hooks/wechatpay")
                            .doesNotContain("canary", "P-1", WeChatPayPeer.API_V3_KEY, "ciphertext"));
        }
    }

    @Test
    void overloadIsAnsweredSoThatWechatPayTriesAgain() throws Exception {
        runner.context.getRegistry().bind("busy", (Processor) exchange -> {
            throw new LedgerException.Overloaded("the writer is behind", Duration.ofSeconds(2));
        });
        start(INLINE, "- process: { ref: busy }");

        HttpResponse<String> overloaded = post(BODY);
        assertFailed(overloaded, 503, "the writer is behind");
        assertThat(overloaded.headers().firstValue("Retry-After")).contains("2");
    }

    @Test
    void aLedgerThatCannotBeWrittenIsAnsweredSoThatWechatPayTriesAgain() throws Exception {
        runner.context.getRegistry().bind("full", (Processor) exchange -> {
            throw new LedgerException.Unavailable("hidden", new IOException("hidden"));
        });
        start(INLINE, "- process: { ref: full }");

        assertFailed(
                post(BODY),
                507,
                "The ledger cannot be written at the moment, so it is unknown whether this was stored. Send it again later"
                        + " under the same id; it will count once.");
    }

    @Test
    void keysAreReadFromFilesAndTheMerchantIsChecked() throws Exception {
        Path file = Files.writeString(data.resolve("pub_key.pem"), PEER.publicPem());
        start(
                "publicKeyId: \"{{pay.publicKeyId}}\"\npublicKey: \"file:" + file
                        + "\"\nmchid: \"1900000109\"\nappid: \"wxd678efh567hg6787\"",
                "");

        assertTaken(post(BODY));
        HttpResponse<String> others =
                post(WeChatPayPeer.notification("EV-2", WeChatPayPeer.PAYMENT.replace("1900000109", "1900000110")));
        assertFailed(others, 401, "The notification names no merchant that is listed in mchid.");
        assertThat(accepted()).hasSize(1);
    }

    @Test
    void theRouteMayContainTheKey() throws Exception {
        start(
                "publicKeyId: \"{{pay.publicKeyId}}\"\npublicKey: |\n"
                        + PEER.publicPem().indent(2).stripTrailing(),
                "");

        assertTaken(post(BODY));
    }

    @Test
    void theRouteGetsTheTypeOfTheNotification() throws Exception {
        start(
                INLINE,
                "- filter: { expression: { simple: { expression: \"${header.Wechatpay-Event-Type} startsWith 'REFUND.'\" } }, steps: [ { stop: {} } ] }");

        assertTaken(post(BODY.replace("TRANSACTION.SUCCESS", "REFUND.SUCCESS").replace(ID, "EV-2")));
        assertThat(accepted()).isEmpty();
        assertTaken(post(BODY));
        assertThat(accepted()).hasSize(1);
    }

    /** The step after the verification runs on the verification's thread. */
    @Test
    void nothingIsVerifiedOnAnEventLoop() throws Exception {
        AtomicReference<Boolean> onEventLoop = new AtomicReference<>();
        runner.context.getRegistry().bind("thread", (Processor)
                exchange -> onEventLoop.set(Context.isOnEventLoopThread()));
        start(INLINE, "- process: { ref: thread }");

        assertTaken(post(BODY));
        assertThat(onEventLoop).hasValue(false);
    }

    @Test
    void theApiV3KeyIsShownNowhere() throws Exception {
        start(INLINE, "");

        assertThat(runner.context.getEndpoints()).isNotEmpty().allSatisfy(endpoint -> assertThat(endpoint.toString())
                .doesNotContain(WeChatPayPeer.API_V3_KEY));
    }

    @Test
    void withoutAKeyTheRouteDoesNotStart() {
        assertThatThrownBy(() -> start("mchid: \"1900000109\"", ""))
                .satisfies(e -> {
                    for (Throwable t = e; t != null; t = t.getCause()) {
                        assertThat(t.toString()).doesNotContain(WeChatPayPeer.API_V3_KEY);
                    }
                })
                .rootCause()
                .hasMessage("publicKeyId, publicKey and certificates are all empty: set the first two, or the last");
    }
}
