package dev.serai.camel.signature;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.LedgerException;
import dev.serai.support.AlipayPeer;
import dev.serai.support.CapturedLog;
import dev.serai.support.KameletRunner;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.Processor;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Kamelet over real HTTP, with a real ledger; Alipay's own library signs the requests. */
class AlipaySourceTest {
    private static final AlipayPeer PEER = AlipayPeer.create();
    private static final String FORM = PEER.form(AlipayPeer.payment());
    private static final String ROUTE = """
            - route:
                from:
                  uri: kamelet:alipay-source
                  parameters:
                    path: /hooks/alipay/trades
                    %s
                  steps:
                    %s
                    - to:
                        uri: ledger:trades
                        parameters:
                          id: "${header.CamelLedgerId}"
                          key: "${jq(.out_trade_no)}"
            """;
    private static final String KEY = "alipayPublicKey: \"{{alipay.publicKey}}\"";

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
        runner.with(yaml, Map.of("alipay.publicKey", PEER.publicKey())).start();
    }

    private HttpResponse<String> post(String form) throws Exception {
        return runner.post(
                "/hooks/alipay/trades",
                "application/x-www-form-urlencoded; charset=utf-8",
                form.getBytes(UTF_8),
                Map.of("Alipay-Notify-Time", "of a stranger")); // not signed, so never taken from the request
    }

    private HttpResponse<String> post(Map<String, String> fields) throws Exception {
        return post(PEER.form(fields));
    }

    private static Map<String, String> paymentWith(String name, String value) {
        Map<String, String> fields = AlipayPeer.payment();
        fields.put(name, value);
        return fields;
    }

    private List<Entry> accepted() {
        return runner.accepted("trades");
    }

    private static void assertTaken(HttpResponse<String> answer) {
        assertAnswer(answer, 200, "success");
    }

    private static void assertAnswer(HttpResponse<String> answer, int status, String body) {
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/plain");
        assertThat(answer.headers().firstValue("Content-Length")).contains(Integer.toString(body.length()));
        assertThat(answer.body()).isEqualTo(body);
    }

    @Test
    void aPaymentIsAnsweredAsAlipayExpectsAndItsFieldsAreKept() throws Exception {
        start(KEY, "");

        assertTaken(post(FORM));

        Entry entry = runner.onlyAccepted("trades");
        Map<String, String> expected = AlipayPeer.payment();
        expected.remove("notify_time");
        assertThat(new ObjectMapper().readValue(entry.change().body(), Map.class))
                .isEqualTo(expected);
        assertThat(entry.change().contentType()).isEqualTo("application/json");
        assertThat(entry.change().id()).isEqualTo(AlipayPeer.ID);
        assertThat(entry.change().key()).isEqualTo("P-1");
        assertThat(entry.change().headers()).containsEntry("Alipay-Notify-Time", "2026-11-20 10:34:57");
    }

    @Test
    void aRepeatedOrReplayedNotificationIsOneChangeWithTheSameAnswer() throws Exception {
        start(KEY, "");

        assertTaken(post(FORM));
        assertTaken(post(FORM));
        assertTaken(post(paymentWith("notify_time", "2026-11-20 10:38:57"))); // as Alipay sends it again

        assertThat(accepted()).hasSize(1);
    }

    @Test
    void anotherContentUnderTheSameIdIsRefused() throws Exception {
        start(KEY, "");
        assertTaken(post(FORM));

        assertAnswer(post(paymentWith("total_amount", "0.01")), 409, "fail");
        assertThat(accepted()).hasSize(1);
    }

    @Test
    void gbkFormsReachTheLedgerAsUtf8() throws Exception {
        start(KEY, "");

        assertTaken(post(paymentWith("charset", "GBK")));

        Entry entry = runner.onlyAccepted("trades");
        assertThat(new String(entry.change().body(), UTF_8)).contains("\"subject\":\"大乐透 100% + A&B=C\"");
    }

    @Test
    void forgeriesAreRefusedCountedAndChangeNothing() throws Exception {
        start(KEY, "");
        try (var log = new CapturedLog(SignatureProducer.class)) {
            assertAnswer(post(FORM.replace("65.00", "65.01")), 401, "fail");
            assertAnswer(post(""), 401, "fail");
            assertAnswer(post("{\"out_trade_no\":\"P-1\"}"), 401, "fail");
            assertAnswer(post(FORM.replace("RSA2", "RSA")), 401, "fail");

            assertThat(accepted()).isEmpty();
            for (String reason : List.of("forged", "missing", "malformed", "unknown-key")) {
                assertThat(meters.counter("serai.signature.refused", "scheme", "alipay", "reason", reason)
                                .count())
                        .as(reason)
                        .isEqualTo(1);
            }
            assertThat(log.lines())
                    .filteredOn(line -> line.contains(" reason="))
                    .hasSize(4)
                    .allSatisfy(line -> assertThat(line)
                            .startsWith("WARN Signature refused: scheme=alipay path=/hooks/alipay/trades")
                            .doesNotContain("canary", "P-1", AlipayPeer.ID, PEER.publicKey()));
        }
    }

    @Test
    void overloadIsAnsweredSoThatAlipayTriesAgain() throws Exception {
        runner.context.getRegistry().bind("busy", (Processor) exchange -> {
            throw new LedgerException.Overloaded("the writer is behind", Duration.ofSeconds(2));
        });
        start(KEY, "- process: { ref: busy }");

        HttpResponse<String> overloaded = post(FORM);
        assertAnswer(overloaded, 503, "fail");
        assertThat(overloaded.headers().firstValue("Retry-After")).contains("2");
    }

    @Test
    void aLedgerThatCannotBeWrittenIsAnsweredSoThatAlipayTriesAgain() throws Exception {
        runner.context.getRegistry().bind("full", (Processor) exchange -> {
            throw new LedgerException.Unavailable("hidden", new IOException("hidden"));
        });
        start(KEY, "- process: { ref: full }");

        assertAnswer(post(FORM), 507, "fail");
    }

    @Test
    void theKeyIsReadFromAFileAndAppAndSellerAreChecked() throws Exception {
        Path file = Files.writeString(data.resolve("alipay.pem"), PEER.publicPem());
        start(
                "alipayPublicKey: \"file:" + file + "\"\nappId: \"" + AlipayPeer.APP_ID + "\"\nsellerId: \""
                        + AlipayPeer.SELLER_ID + "\"",
                "");

        assertTaken(post(FORM));
        assertAnswer(post(paymentWith("app_id", "2014072300007149")), 401, "fail");
        assertAnswer(post(paymentWith("seller_id", "2088101106499365")), 401, "fail");
        assertThat(accepted()).hasSize(1);
    }

    @Test
    void theRouteMayContainAPemKey() throws Exception {
        start("alipayPublicKey: |\n" + PEER.publicPem().indent(2).stripTrailing(), "");

        assertTaken(post(FORM));
    }

    @Test
    void withoutAKeyTheRouteDoesNotStart() {
        assertThatThrownBy(() -> start("alipayPublicKey: \"hidden-canary\"", ""))
                .satisfies(e -> {
                    for (Throwable t = e; t != null; t = t.getCause()) {
                        assertThat(t.toString()).doesNotContain("hidden-canary");
                    }
                })
                .hasStackTraceContaining("alipayPublicKey is not a key in PEM or base64");
    }

    // ---- The example's version

    private static final List<Map<String, String>> LIFE = List.of(
            Map.of("trade_status", "WAIT_BUYER_PAY"),
            Map.of("trade_status", "TRADE_SUCCESS"),
            Map.of("trade_status", "TRADE_SUCCESS", "gmt_refund", "2026-11-21 09:00:00.123", "refund_fee", "5.00"),
            Map.of("trade_status", "TRADE_CLOSED", "gmt_refund", "2026-11-21 10:00:00.456", "refund_fee", "65.00"));

    /** The example's own routes, its platform replaced by a list. */
    private void startExample(Map<String, List<String>> delivered) throws Exception {
        runner.context.getRegistry().bind("platform", (Processor) exchange -> {
            Map<?, ?> trade = new ObjectMapper().readValue(exchange.getMessage().getBody(byte[].class), Map.class);
            delivered
                    .computeIfAbsent(trade.get("out_trade_no").toString(), key -> new CopyOnWriteArrayList<>())
                    .add(trade.get("trade_status") + " " + trade.get("refund_fee"));
        });
        String yaml = Files.readString(Path.of("docs/examples/alipay.camel.yaml"))
                .replace("path: /hooks/alipay-trades", "path: /hooks/alipay/trades")
                .replace("ledger:alipay-trades", "ledger:trades")
                .replaceFirst("- to: \\{ uri: \"kamelet:http-sink\".*", "- process: { ref: platform }");
        assertThat(yaml).contains("ref: platform").contains("versionGuard: true");
        runner.with(
                        yaml,
                        Map.of(
                                "alipay-trades.publicKey", PEER.publicKey(),
                                "alipay-trades.appId", AlipayPeer.APP_ID,
                                "alipay-trades.sellerId", AlipayPeer.SELLER_ID))
                .start();
    }

    @Test
    void theLatestStateOfATradeWinsInAnyOrderOfArrival() throws Exception {
        Map<String, List<String>> delivered = new ConcurrentHashMap<>();
        startExample(delivered);
        List<List<Integer>> orders = orders(List.of(0, 1, 2, 3));

        for (List<Integer> order : orders) {
            for (int state : order) {
                Map<String, String> fields = paymentWith("out_trade_no", "P-" + order);
                fields.put("notify_id", "n-" + state + "-" + orders.indexOf(order));
                fields.putAll(LIFE.get(state));
                assertTaken(post(fields));
            }
        }

        Awaitility.await().untilAsserted(() -> assertThat(accepted())
                .hasSize(orders.size() * LIFE.size())
                .allMatch(entry -> settled(runner.ledger().deliveries(entry))));
        assertThat(delivered)
                .hasSize(orders.size())
                .allSatisfy((key, states) ->
                        assertThat(states.get(states.size() - 1)).as(key).isEqualTo("TRADE_CLOSED 65.00"));
        assertThat(delivered.get("P-[0, 1, 2, 3]"))
                .containsExactly(
                        "WAIT_BUYER_PAY null", "TRADE_SUCCESS null", "TRADE_SUCCESS 5.00", "TRADE_CLOSED 65.00");
        assertThat(delivered.get("P-[2, 1, 3, 0]")).containsExactly("TRADE_SUCCESS 5.00", "TRADE_CLOSED 65.00");
    }

    private static boolean settled(List<Delivery> deliveries) {
        return deliveries.size() == 1
                && (deliveries.get(0).state() == DeliveryState.DELIVERED
                        || deliveries.get(0).state() == DeliveryState.SUPERSEDED);
    }

    private static List<List<Integer>> orders(List<Integer> of) {
        if (of.isEmpty()) {
            return List.of(List.of());
        }
        List<List<Integer>> all = new ArrayList<>();
        for (Integer first : of) {
            List<Integer> rest =
                    of.stream().filter(other -> !other.equals(first)).toList();
            for (List<Integer> order : orders(rest)) {
                List<Integer> whole = new ArrayList<>(List.of(first));
                whole.addAll(order);
                all.add(whole);
            }
        }
        return all;
    }
}
