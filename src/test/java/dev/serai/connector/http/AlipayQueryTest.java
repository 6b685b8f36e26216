package dev.serai.connector.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.serai.support.AlipayPeer;
import dev.serai.support.CapturedLog;
import dev.serai.support.KameletRunner;
import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import dev.serai.support.RemoteSide.Asked;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.camel.component.sql.SqlEndpoint;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;

/** The example that queries Alipay for lost notifications, with Alipay's own library on the other side. */
class AlipayQueryTest {
    private static final AlipayPeer ALIPAY = AlipayPeer.create();
    private static final AlipayPeer APP = AlipayPeer.create();
    private static final String PAID = """
            {"code":"10000","msg":"Success","buyer_logon_id":"canary@example.com","out_trade_no":"P-1","trade_no":"2026112022001421590000000001",\
            "trade_status":"TRADE_SUCCESS","total_amount":"65.00","send_pay_date":"2026-11-20 10:34:56"}""";
    private static final String UNKNOWN = """
            {"code":"40004","msg":"Business Failed","sub_code":"ACQ.TRADE_NOT_EXIST","sub_msg":"交易不存在"}""";

    @TempDir
    private Path data;

    @AutoClose
    private final KameletRunner runner = KameletRunner.listening(() -> data);

    @AutoClose
    private final RemoteSide platform = new RemoteSide(asked -> Answer.json("{}"));

    private volatile Function<Asked, Answer> api = this::answer;

    @AutoClose
    private final RemoteSide gateway = new RemoteSide(asked -> api.apply(asked));

    private void start() throws Exception {
        runner.withFile(
                "docs/examples/alipay-query.camel.yaml",
                Map.of(
                        "alipay-query.shop.jdbcUrl",
                        "jdbc:sqlite:" + data.resolve("shop.db"),
                        "alipay-query.platform.url",
                        platform.url(""),
                        "alipay-query.gateway",
                        gateway.url("/gateway.do"),
                        "alipay-query.interval",
                        "100ms",
                        "alipay-query.publicKey",
                        ALIPAY.publicKey(),
                        "alipay-query.appId",
                        AlipayPeer.APP_ID,
                        "alipay-query.sellerId",
                        AlipayPeer.SELLER_ID,
                        "alipay-query.privateKey",
                        APP.privateKey()));
        JdbcTemplate shop = runner.context
                .getEndpoint("sql:SELECT 1?dataSource=#bean:alipay-query-shop", SqlEndpoint.class)
                .getJdbcTemplate();
        shop.execute("CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY, state TEXT, updated_at INTEGER)");
        shop.execute(
                "INSERT INTO orders (id, state, updated_at) VALUES ('P-1', 'unpaid', 3), ('P-2', 'unpaid', 2), ('P-3', 'paid', 1)");
        runner.start();
    }

    private Answer answer(Asked asked) {
        Map<String, String> question = APP.question(asked.query());
        boolean complete = asked.path().equals("/gateway.do")
                && "alipay.trade.query".equals(question.get("method"))
                && AlipayPeer.APP_ID.equals(question.get("app_id"));
        if (!complete) {
            return Answer.json("{\"error_response\":{\"code\":\"40002\",\"sub_code\":\"isv.invalid-signature\"}}");
        }
        String response = question.get("biz_content").equals("{\"out_trade_no\":\"P-1\"}") ? PAID : UNKNOWN;
        return Answer.json(ALIPAY.answer("alipay_trade_query_response", response));
    }

    private void tell() throws Exception {
        HttpResponse<String> answer = runner.post(
                "/hooks/alipay-query",
                "application/x-www-form-urlencoded; charset=utf-8",
                ALIPAY.form(AlipayPeer.payment()).getBytes(UTF_8),
                Map.of());
        assertThat(answer.body()).isEqualTo("success");
    }

    private int accepted() {
        return runner.accepted("alipay-query").size();
    }

    private void awaitRuns(int count) {
        int before = gateway.asked.size();
        await().until(() -> gateway.asked.size() > before + 2 * count);
    }

    private List<String> delivered() {
        return platform.asked.stream()
                .map(asked -> new String(asked.body(), UTF_8))
                .toList();
    }

    @Test
    void aTradeWhoseNotificationWasLostIsFound() throws Exception {
        start();

        await().untilAsserted(() -> assertThat(delivered())
                .containsExactly("{\"order\":\"P-1\",\"trade\":\"2026112022001421590000000001\","
                        + "\"state\":\"TRADE_SUCCESS\",\"total_yuan\":\"65.00\",\"step\":2}"));
        awaitRuns(2);
        tell();

        assertThat(accepted()).isEqualTo(1);
    }

    @Test
    void aNotifiedTradeIsADuplicateWhenItIsQueried() throws Exception {
        api = asked -> Answer.json(ALIPAY.answer("alipay_trade_query_response", UNKNOWN));
        start();
        tell();
        api = this::answer;
        awaitRuns(2);

        assertThat(accepted()).isEqualTo(1);
    }

    @Test
    void anAnswerThatAlipayDidNotSignIsRefused() throws Exception {
        api = asked -> Answer.json(APP.answer("alipay_trade_query_response", PAID));
        try (var log = new CapturedLog()) {
            start();
            awaitRuns(2);

            assertThat(accepted()).isZero();
            assertThat(log.lines())
                    .anySatisfy(line -> assertThat(line)
                            .contains("WARN Pull alipay-query-asked: ", "items were left out of this run: ")
                            .contains("the answer is not believed: The answer's sign is not Alipay's signature"))
                    .allSatisfy(line -> assertThat(line).doesNotContain("canary", "65.00", APP.privateKey()));
        }
    }
}
