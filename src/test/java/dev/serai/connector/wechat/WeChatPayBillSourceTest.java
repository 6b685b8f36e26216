package dev.serai.connector.wechat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.camel.ledger.BrokenRecord;
import dev.serai.connector.pull.Batch;
import dev.serai.ledger.model.Cursor;
import dev.serai.support.CapturedLog;
import dev.serai.support.KameletRunner;
import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import dev.serai.support.RemoteSide.Asked;
import dev.serai.support.WeChatPayPeer;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeChatPayBillSourceTest {
    private static final WeChatPayPeer WECHAT_PAY = WeChatPayPeer.create();
    private static final WeChatPayPeer MERCHANT = WeChatPayPeer.create();
    private static final String COLUMNS = "交易时间,微信订单号,商户订单号,交易状态,微信退款单号,商户退款单号,退款金额,商品名称,订单金额\r\n";
    private static final String TOTALS = "总交易单数,应结订单总金额\r\n`2,`65.00\r\n";
    private static final String PAYMENT =
            "`2026-11-20 10:34:56,`4200000000000000001,`P-1,`SUCCESS,`0,`0,`0.00,`Tea, green\r\n2 cups,`65.00\r\n";
    private static final String REFUND =
            "`2026-11-20 11:00:00,`4200000000000000001,`P-1,`REFUND,`5000000000000000001,`R-1,`5.00,`Tea,`0.00\r\n";

    /** 9:59 in China, before the bill of the 22nd is due. */
    private static final Instant NOW = Instant.parse("2026-11-23T01:59:00Z");

    @TempDir
    private Path data;

    private final Map<String, String> bills = new ConcurrentHashMap<>();
    private final Map<String, Answer> refusals = new ConcurrentHashMap<>();
    private final RemoteSide weChatPay = new RemoteSide(this::answer);
    private final RemoteSide accounts = new RemoteSide(asked -> Answer.json("{}"));
    private KameletRunner runner;
    private volatile boolean falsified;
    private volatile String downloadHost = weChatPay.url("");

    @AfterEach
    void stop() {
        if (runner != null) {
            runner.close();
        }
        weChatPay.close();
        accounts.close();
    }

    private Answer answer(Asked asked) {
        String path = asked.path() + "?" + asked.query();
        if (!MERCHANT.hasSigned("GET", path, asked.headers().getOrDefault("authorization", ""))) {
            return Answer.status(401);
        }
        if (asked.path().equals("/v3/billdownload/file")) {
            return new Answer(200, Map.of(), bills.get(asked.parameter("token")) + (falsified ? " " : ""));
        }
        String day = asked.parameter("bill_date");
        assertThat(path).isEqualTo("/v3/bill/tradebill?bill_date=" + day + "&bill_type=ALL");
        if (refusals.containsKey(day)) {
            return refusals.get(day);
        }
        if (!bills.containsKey(day)) {
            return refusal("NO_STATEMENT_EXIST");
        }
        String body = "{\"hash_type\":\"SHA1\",\"hash_value\":\"" + sha1(bills.get(day)) + "\",\"download_url\":\""
                + downloadHost + "/v3/billdownload/file?token=" + day + "\"}";
        return new Answer(200, WECHAT_PAY.sign(body, clockOf(day)), body);
    }

    /** The fixed time of the test if it has one, else now. */
    private Instant clockOf(String day) {
        return runner == null ? NOW : Instant.now();
    }

    private static Answer refusal(String code) {
        return new Answer(400, Map.of(), "{\"code\":\"" + code + "\",\"message\":\"账单\"}");
    }

    private static String sha1(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(text.getBytes(UTF_8)));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, String> keys() {
        return new HashMap<>(Map.of(
                "mchid",
                WeChatPayPeer.MCHID,
                "serialNumber",
                "5157F09EFDC096DE15EBE81A47057A7232F1B8E1",
                "privateKey",
                MERCHANT.privatePem(),
                "publicKeyId",
                WeChatPayPeer.KEY_ID,
                "publicKey",
                WECHAT_PAY.publicPem()));
    }

    private WeChatPayBillSource source(String start) {
        WeChatPayBillSource source = new WeChatPayBillSource(weChatPay.url(""), "ALL", () -> NOW);
        source.setAuthOptions(keys());
        source.setStart(start);
        source.init();
        return source;
    }

    /** The batches of a run, each as its cursor and its orders. */
    private static List<String> run(WeChatPayBillSource source, String saved) throws Exception {
        List<String> read = new ArrayList<>();
        String position = source.begin(saved == null ? null : new Cursor("bills", saved, NOW));
        for (Batch batch = source.next(position, 2); batch != null; batch = source.next(position, 2)) {
            List<String> orders = new ArrayList<>();
            for (Object one : batch.records()) {
                orders.add(
                        one instanceof JsonNode row
                                ? row.path("商户订单号").asText()
                                : one.getClass().getSimpleName());
            }
            read.add(batch.cursor() + " " + orders);
            position = batch.position();
        }
        return read;
    }

    private static String row(String order) {
        return PAYMENT.replace("P-1", order);
    }

    @Test
    void daysAreReadInOrderBatchByBatchAndADayWithoutABillIsSkipped() throws Exception {
        bills.put("2026-11-18", COLUMNS + row("A") + row("B") + row("C") + TOTALS);
        bills.put("2026-11-20", COLUMNS + TOTALS);
        bills.put("2026-11-21", COLUMNS + row("D") + TOTALS);
        bills.put("2026-11-22", COLUMNS + row("not due yet") + TOTALS);

        assertThat(run(source("2026-11-18"), null))
                .containsExactly(
                        "2026-11-18+2 [A, B]", "2026-11-19 [C]", "2026-11-20 []", "2026-11-21 []", "2026-11-22 [D]");
        assertThat(run(source(null), "2026-11-22")).isEmpty();
        assertThat(run(source(null), "2026-11-18+2")).startsWith("2026-11-19 [C]");
        assertThat(run(source(null), null)).as("yesterday's").containsExactly("2026-11-22 [D]");
    }

    @Test
    void theNewestBillMayNotBeAvailableYet() throws Exception {
        assertThat(run(source("2026-11-21"), null)).isEmpty();
        refusals.put("2026-11-20", refusal("STATEMENT_CREATING"));
        assertThat(run(source("2026-11-20"), null)).isEmpty();
    }

    @Test
    void aWarningNamesTheBillsThatWeChatPayNoLongerHas() throws Exception {
        bills.put("2026-08-24", COLUMNS + row("A") + TOTALS);
        try (var log = new CapturedLog(WeChatPayBillSource.class)) {
            assertThat(run(source(null), "2026-01-01")).startsWith("2026-08-25 [A]");
            assertThat(log.lines())
                    .containsExactly("WARN WeChat Pay no longer has the bills from 2026-01-01 on:"
                            + " reading continues with 2026-08-24");
        }
    }

    @Test
    void aBillThatWeChatPayDidNotSignIsRefused() throws Exception {
        bills.put("2026-11-21", COLUMNS + row("A") + TOTALS);
        falsified = true;
        assertThatThrownBy(() -> run(source(null), null)).hasMessageContaining("it is damaged or forged");

        falsified = false;
        downloadHost = accounts.url("");
        assertThatThrownBy(() -> run(source(null), null)).hasMessageContaining("does not name a file on this server");
        assertThat(accounts.asked).isEmpty();

        downloadHost = weChatPay.url("");
        String body = "{\"hash_type\":\"SHA1\",\"hash_value\":\"" + sha1(bills.get("2026-11-21"))
                + "\",\"download_url\":\"" + downloadHost + "/v3/billdownload/file?token=2026-11-21\"}";
        refusals.put("2026-11-21", Answer.json(body));
        assertThatThrownBy(() -> run(source(null), null))
                .hasMessage("the answer is not believed: The header Wechatpay-Serial is missing: sign the request.");
        refusals.put("2026-11-21", refusal("SIGN_ERROR"));
        assertThatThrownBy(() -> run(source(null), null))
                .hasMessage("WeChat Pay refused the bill of 2026-11-21: HTTP 400 SIGN_ERROR");
    }

    @Test
    void cellsKeepTheirCommasAndLineEndsAndABrokenRowIsReported() throws Exception {
        String bill = "\ufeff" + COLUMNS + PAYMENT + "`2026,`4200\r\n" + REFUND + TOTALS;

        List<Object> rows = rows(bill, "bill 2026-11-20");

        assertThat(rows).hasSize(3);
        JsonNode payment = (JsonNode) rows.get(0);
        assertThat(payment.path("交易时间").asText()).isEqualTo("2026-11-20 10:34:56");
        assertThat(payment.path("商品名称").asText()).isEqualTo("Tea, green\n2 cups");
        assertThat(payment.path("订单金额").asText()).isEqualTo("65.00");
        assertThat(rows.get(1)).isInstanceOfSatisfying(BrokenRecord.class, broken -> {
            assertThat(broken.place()).isEqualTo("bill 2026-11-20:2");
            assertThat(broken.reason()).isEqualTo("it has 2 cells, the first line names 9");
        });
        assertThat(((JsonNode) rows.get(2)).path("商户退款单号").asText()).isEqualTo("R-1");
    }

    @Test
    void anIncompleteBillIsRefused() {
        assertThatThrownBy(() -> rows(COLUMNS + PAYMENT, "x")).hasMessageContaining("the bill is incomplete");
        assertThatThrownBy(() -> rows("<html>\n</html>", "x"))
                .hasMessageContaining("does not begin with the names of its columns");
        assertThatThrownBy(() -> new WeChatPayBillRows(new ByteArrayInputStream(new byte[] {(byte) 0xff}), "x"))
                .hasMessage("the bill is not UTF-8");
    }

    private static List<Object> rows(String text, String place) throws Exception {
        try (WeChatPayBill bill = new WeChatPayBill(new ByteArrayInputStream(text.getBytes(UTF_8)), place)) {
            bill.check();
            List<Object> rows = bill.rows(0, Integer.MAX_VALUE);
            assertThat(rows).hasSize(bill.count());
            return rows;
        }
    }

    @Test
    void aLongBillIsNeverInMemoryAsAWhole() throws Exception {
        String long1 = row("x".repeat(900_000));
        try (WeChatPayBill bill = new WeChatPayBill(
                new ByteArrayInputStream((COLUMNS + long1.repeat(20) + TOTALS).getBytes(UTF_8)), "bill")) {
            bill.check();
            assertThat(bill.count()).isEqualTo(20);
            int read = 0;
            while (read < 20) {
                List<Object> rows = bill.rows(read, 1_000);
                assertThat(rows).hasSizeBetween(1, 5);
                read += rows.size();
            }
            assertThat(bill.rows(20, 1_000)).isEmpty();
            assertThat(bill.rows(19, 1_000)).hasSize(1);
        }
    }

    @Test
    void aRowThatIsTooLongIsADeadLetter() throws Exception {
        String oneLine = row("x".repeat(WeChatPayBillRows.ROW_CHARS_MAX));
        String manyLines = row("x\n".repeat(WeChatPayBillRows.ROW_CHARS_MAX / 2));

        List<Object> rows = rows(COLUMNS + oneLine + row("A") + manyLines + row("B") + TOTALS, "bill 2026-11-20");

        assertThat(rows).hasSize(4);
        assertThat(rows.get(0)).isInstanceOfSatisfying(BrokenRecord.class, broken -> {
            assertThat(broken.place()).isEqualTo("bill 2026-11-20:1");
            assertThat(broken.reason()).startsWith("it has more than 1000000 characters");
        });
        assertThat(rows.get(2)).isInstanceOf(BrokenRecord.class);
        assertThat(((JsonNode) rows.get(3)).path("商户订单号").asText()).isEqualTo("B");
    }

    @Test
    void startMustBeADay() {
        assertThatThrownBy(() -> source("yesterday")).hasMessageContaining("must be a day like 2026-11-22");
    }

    @Test
    void theExampleDeliversEachRowOnce() throws Exception {
        LocalDate day = LocalDate.now(ZoneOffset.ofHours(8)).minusDays(3);
        bills.put(day.toString(), COLUMNS + PAYMENT + REFUND + TOTALS);
        runner = new KameletRunner(data);
        Map<String, String> properties = keys();
        Map<String, String> named = new HashMap<>(Map.of(
                "wechat-pay-bills.accounts.url", accounts.url(""),
                "wechat-pay-bills.url", weChatPay.url(""),
                "wechat-pay-bills.billSchedule", "* * * * * ?"));
        properties.forEach((name, value) -> named.put("wechat-pay-bills." + name, value));
        runner.withFile("docs/examples/wechat-pay-bills.camel.yaml", named);
        runner.component().init();
        runner.ledger()
                .saveCursor(new Cursor("wechat-pay-bills-in", day.toString(), Instant.now()))
                .get();
        runner.start();

        assertThat(runner.context.getRoute("wechat-pay-bills-in").getEndpoint().getEndpointUri())
                .as("by which the repair of a bill finds the flow's bill source")
                .contains("wechatpay-bill-source");
        await().untilAsserted(() -> assertThat(accounts.asked).hasSize(2));
        assertThat(accounts.asked.stream()
                        .map(asked -> asked.headers().get("serai-key") + " " + new String(asked.body(), UTF_8)))
                .containsExactlyInAnyOrder(
                        "4200000000000000001-0 {\"order\":\"P-1\",\"at\":\"2026-11-20 10:34:56\",\"state\":\"SUCCESS\","
                                + "\"paid_yuan\":\"65.00\",\"refund\":\"0\",\"refunded_yuan\":\"0.00\"}",
                        "4200000000000000001-5000000000000000001 {\"order\":\"P-1\",\"at\":\"2026-11-20 11:00:00\",\"state\":\"REFUND\","
                                + "\"paid_yuan\":\"0.00\",\"refund\":\"R-1\",\"refunded_yuan\":\"5.00\"}");
        assertThat(runner.ledger().cursor("wechat-pay-bills-in").orElseThrow().value())
                .isGreaterThan(day.toString());
    }
}
