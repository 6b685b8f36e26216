package dev.serai.connector.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.serai.support.CapturedLog;
import dev.serai.support.KameletRunner;
import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import dev.serai.support.RemoteSide.Asked;
import dev.serai.support.WeChatPayPeer;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.camel.component.sql.SqlEndpoint;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;

/** The example that queries WeChat Pay for lost notifications, with WeChat Pay's own library on the other side. */
class WeChatPayQueryTest {
    private static final WeChatPayPeer WECHAT_PAY = WeChatPayPeer.create();
    private static final WeChatPayPeer MERCHANT = WeChatPayPeer.create();
    private static final String UNPAID = """
            {"mchid":"1900000109","out_trade_no":"P-2","trade_state":"NOTPAY","trade_state_desc":"订单未支付"}""";

    @TempDir
    private Path data;

    @AutoClose
    private final KameletRunner runner = KameletRunner.listening(() -> data);

    @AutoClose
    private final RemoteSide platform = new RemoteSide(asked -> Answer.json("{}"));

    private volatile Function<Asked, Answer> api = this::answer;

    @AutoClose
    private final RemoteSide weChatPay = new RemoteSide(asked -> api.apply(asked));

    private void start() throws Exception {
        Map<String, String> properties = new HashMap<>(Map.of(
                "wechat-pay-query.shop.jdbcUrl",
                "jdbc:sqlite:" + data.resolve("shop.db"),
                "wechat-pay-query.platform.url",
                platform.url(""),
                "wechat-pay-query.url",
                weChatPay.url(""),
                "wechat-pay-query.interval",
                "100ms",
                "wechat-pay-query.apiV3Key",
                WeChatPayPeer.API_V3_KEY,
                "wechat-pay-query.publicKeyId",
                WeChatPayPeer.KEY_ID,
                "wechat-pay-query.publicKey",
                WECHAT_PAY.publicPem(),
                "wechat-pay-query.mchid",
                WeChatPayPeer.MCHID,
                "wechat-pay-query.serialNumber",
                "5157F09EFDC096DE15EBE81A47057A7232F1B8E1",
                "wechat-pay-query.privateKey",
                MERCHANT.privatePem()));
        runner.withFile("docs/examples/wechat-pay-query.camel.yaml", properties);
        JdbcTemplate shop = runner.context
                .getEndpoint("sql:SELECT 1?dataSource=#bean:wechat-pay-query-shop", SqlEndpoint.class)
                .getJdbcTemplate();
        shop.execute("CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY, state TEXT, updated_at INTEGER)");
        shop.execute(
                "INSERT INTO orders (id, state, updated_at) VALUES ('P-1', 'unpaid', 3), ('P-2', 'unpaid', 2), ('P-3', 'unpaid', 1),"
                        + " ('P-4', 'paid', 1)");
        runner.start();
    }

    private static Answer signed(String body) {
        return new Answer(200, WECHAT_PAY.sign(body, Instant.now()), body);
    }

    private Answer answer(Asked asked) {
        String path = asked.path() + "?" + asked.query();
        if (!MERCHANT.hasSigned("GET", path, asked.headers().get("authorization"))) {
            return Answer.status(401);
        }
        return switch (path) {
            case "/v3/pay/transactions/out-trade-no/P-1?mchid=1900000109" -> signed(WeChatPayPeer.PAYMENT);
            case "/v3/pay/transactions/out-trade-no/P-2?mchid=1900000109" -> signed(UNPAID);
            default -> Answer.status(404);
        };
    }

    private void tell() throws Exception {
        String body = WeChatPayPeer.notification("EV-1", WeChatPayPeer.PAYMENT);
        HttpResponse<String> answer =
                runner.post("/hooks/wechat-pay-query", body.getBytes(UTF_8), WECHAT_PAY.sign(body, Instant.now()));
        assertThat(answer.statusCode()).isEqualTo(204);
    }

    private int accepted() {
        return runner.accepted("wechat-pay-query").size();
    }

    private void awaitRuns(int count) {
        int before = weChatPay.asked.size();
        await().until(() -> weChatPay.asked.size() > before + 3 * count);
    }

    private List<String> delivered() {
        return platform.asked.stream()
                .map(asked -> new String(asked.body(), UTF_8))
                .toList();
    }

    @Test
    void aPaymentWhoseNotificationWasLostIsFound() throws Exception {
        start();

        await().untilAsserted(() -> assertThat(delivered())
                .containsExactly("{\"order\":\"P-1\",\"transaction\":\"4200000000000000001\","
                        + "\"paid_at\":\"2026-11-20T10:34:56+08:00\",\"total\":6500,\"currency\":\"CNY\"}"));
        awaitRuns(2);
        assertThat(accepted()).isEqualTo(1);
        assertThat(weChatPay.asked).noneMatch(asked -> asked.path().endsWith("P-4"));

        tell();
        assertThat(accepted()).as("notified after all").isEqualTo(1);
    }

    @Test
    void aNotifiedPaymentIsADuplicateWhenItIsQueried() throws Exception {
        api = asked -> Answer.status(404);
        start();
        tell();
        api = this::answer;
        awaitRuns(2);

        assertThat(accepted()).isEqualTo(1);
    }

    @Test
    void anAnswerThatThePlatformDidNotSignIsRefused() throws Exception {
        List<Answer> forged = List.of(
                Answer.json(WeChatPayPeer.PAYMENT),
                new Answer(
                        200,
                        WECHAT_PAY.sign(WeChatPayPeer.PAYMENT, Instant.now()),
                        WeChatPayPeer.PAYMENT.replace("6500", "1")),
                new Answer(200, MERCHANT.sign(WeChatPayPeer.PAYMENT, Instant.now()), WeChatPayPeer.PAYMENT));
        api = asked -> forged.get(
                Math.min(2, Integer.parseInt(asked.path().substring(asked.path().length() - 1)) - 1));
        try (var log = new CapturedLog()) {
            start();
            awaitRuns(2);

            assertThat(accepted()).isZero();
            assertThat(log.lines())
                    .anySatisfy(line -> assertThat(line)
                            .contains("WARN Pull wechat-pay-query-asked: ", "items were left out of this run: ")
                            .contains("the answer is not believed: The header Wechatpay-Serial is missing"))
                    .allSatisfy(line -> assertThat(line).doesNotContain("canary", "6500", "BEGIN"));
        }
    }

    @Test
    void endpointNamesContainNoKey() throws Exception {
        start();

        assertThat(runner.context.getEndpoints()).isNotEmpty().allSatisfy(endpoint -> assertThat(endpoint.toString())
                .doesNotContain("BEGIN PRIVATE", WeChatPayPeer.API_V3_KEY));
    }
}
