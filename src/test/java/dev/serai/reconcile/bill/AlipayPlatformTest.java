package dev.serai.reconcile.bill;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.serai.camel.egress.Egress;
import dev.serai.reconcile.bill.BillPlatform.BillFound;
import dev.serai.reconcile.bill.BillPlatform.BillState;
import dev.serai.reconcile.book.BillBook.BillLine;
import dev.serai.reconcile.book.BillBook.SideValue;
import dev.serai.support.AlipayPeer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.Charset;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AlipayPlatformTest {
    private static final AlipayPeer ALIPAY = AlipayPeer.create();
    private static final AlipayPeer MERCHANT = AlipayPeer.create();
    private static final LocalDate DAY = LocalDate.parse("2026-11-20");
    private static final Charset GBK = Charset.forName("GBK");
    private static final String NAME = "alipay_data_dataservice_bill_downloadurl_query_response";

    private static final String HEAD = "#支付宝业务明细查询\r\n#账号：[20880000000000000156]\r\n"
            + "#起始日期：[2026年11月20日 00:00:00]   终止日期：[2026年11月21日 00:00:00]\r\n"
            + "#-----------------------------------------业务明细列表----------------------------------------\r\n"
            + "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,"
            + "支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,"
            + "退款批次号/请求号,服务费（元）,分润（元）,备注\r\n";
    private static final String END =
            "#-----------------------------------------业务明细列表结束------------------------------------\r\n";

    private HttpServer server;
    private final List<Map<String, String>> questions = new ArrayList<>();
    private volatile String response = "";
    private volatile byte[] file = {};
    private volatile AlipayPeer signer = ALIPAY;
    private String billType = "ALL";

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/gateway.do", this::gateway);
        server.createContext("/file", exchange -> send(exchange, file));
        server.start();
        response = "{\"code\":\"10000\",\"msg\":\"Success\",\"bill_download_url\":\"" + url("/file?token=1") + "\"}";
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    private void gateway(HttpExchange exchange) throws IOException {
        questions.add(MERCHANT.question(exchange.getRequestURI().getRawQuery()));
        send(exchange, signer.answer(NAME, response).getBytes(UTF_8));
    }

    private static void send(HttpExchange exchange, byte[] body) throws IOException {
        exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static String row(String order, String type, String name, String yuan, String request) {
        return "2026112022001400000000000001\t," + order + "\t," + type + "\t," + name
                + ",2026-11-20 10:34:40,2026-11-20 10:34:56,\t,\t,\t,\t,*张(182****01)\t," + yuan + "," + yuan
                + ",0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00," + request + "\t,0.00,0.00,备注\r\n";
    }

    private static String totals(int payments, String paid, int refunds, String refunded) {
        return "#交易合计：" + payments + "笔，商家实收共" + paid + "元，商家优惠共0.00元\r\n#退款合计：" + refunds + "笔，商家实收退款共" + refunded
                + "元，商家优惠退款共0.00元\r\n#导出时间：[2026年11月21日 05:46:49]\r\n";
    }

    /** The summary stands before the rows. */
    private static byte[] zip(String rows) {
        try (ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                ZipOutputStream zip = new ZipOutputStream(bytes, GBK)) {
            zip.putNextEntry(new ZipEntry("2088_20261120_业务明细(汇总).csv"));
            zip.write("#支付宝业务汇总查询\r\n门店编号,门店名称,交易订单总笔数\r\n合计,,1\r\n".getBytes(GBK));
            zip.putNextEntry(new ZipEntry("2088_20261120_业务明细.csv"));
            zip.write(rows.getBytes(GBK));
            zip.finish();
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private final List<BillLine> lines = new ArrayList<>();

    private BillFound read() throws Exception {
        Map<String, String> options = new HashMap<>(Map.of(
                "url", url("/gateway.do"),
                "billType", billType,
                "appId", AlipayPeer.APP_ID,
                "privateKey", MERCHANT.privateKey(),
                "alipayPublicKey", ALIPAY.publicKey()));
        lines.clear();
        try (AlipayPlatform platform = new AlipayPlatform(options, new Egress(""), Instant::now)) {
            return platform.read(DAY, lines::addAll);
        }
    }

    @Test
    void paymentsAndRefundsAreReadFromAZipInGbkByASignedRequest() throws Exception {
        file = zip(HEAD
                + row("P-1", "交易", "茶, 绿茶, 2 杯", "65.00", "")
                + row("P-2", "交易", "茶", "0.29", "")
                + row("P-1", "退款", "茶", "-5.00", "R-1")
                + row("P-2", "退款", "茶", "-0.29", "")
                + END
                + totals(2, "65.29", 2, "-5.29"));

        assertThat(read()).isEqualTo(new BillFound(BillState.FOUND, null));

        assertThat(lines)
                .containsExactly(
                        new BillLine("P-1", new SideValue(6_500L, "TRADE_SUCCESS"), false, null),
                        new BillLine("P-2", new SideValue(29L, "TRADE_SUCCESS"), false, null),
                        new BillLine("R-1", new SideValue(-500L, "REFUND_SUCCESS"), false, null),
                        new BillLine("P-2/refund", new SideValue(-29L, "REFUND_SUCCESS"), false, null));
        billType = "REFUND";
        assertThat(read().fault()).isNull();
        assertThat(lines).extracting(BillLine::id).containsExactly("R-1", "P-2/refund");
        billType = "SUCCESS";
        read();
        assertThat(lines).extracting(BillLine::id).containsExactly("P-1", "P-2");
        billType = "PAID";
        assertThatThrownBy(this::read).hasMessage("billType is ALL, SUCCESS or REFUND");
        assertThat(questions.get(0))
                .containsEntry("method", "alipay.data.dataservice.bill.downloadurl.query")
                .containsEntry("biz_content", "{\"bill_type\":\"trade\",\"bill_date\":\"2026-11-20\"}");
    }

    @Test
    void totalsThatAreNotTrueAndRowsThatCannotBeReadAreTold() throws Exception {
        file = zip(HEAD + row("P-1", "交易", "茶", "6x", "") + row("P-2", "红包", "茶", "1.00", "") + "1,2,交易\r\n" + END
                + totals(3, "65.00", 0, "0.00"));

        assertThat(read().fault()).contains("交易: the bill contradicts itself: it says 3 rows and has 2");
        assertThat(lines).extracting(BillLine::fault).allMatch(fault -> fault.startsWith("on the bill "));
        assertThat(lines).hasSize(3);
    }

    @Test
    void aDayWithoutTradesHasNoBill() throws Exception {
        response = "{\"code\":\"40004\",\"msg\":\"Business Failed\",\"sub_code\":\"isp.bill_not_exist\"}";
        assertThat(read()).isEqualTo(new BillFound(BillState.NONE, null));
    }

    @Test
    void anAnswerThatAlipayDidNotSignIsNotBelieved() {
        signer = MERCHANT;
        assertThatThrownBy(this::read).hasMessageContaining("is not Alipay's signature");
        signer = ALIPAY;
        response = "{\"code\":\"40002\",\"msg\":\"Invalid Arguments\",\"sub_code\":\"isv.invalid-app-id\"}";
        assertThatThrownBy(this::read).hasMessage("Alipay refused the bill of 2026-11-20: 40002 isv.invalid-app-id");
        response = "{\"code\":\"10000\",\"bill_download_url\":\"file:///etc/passwd\"}";
        assertThatThrownBy(this::read).hasMessageContaining("does not name a file");
    }

    @Test
    void anAddressThatLeadsIntoTheOwnNetworkIsNotFetched() {
        response = "{\"code\":\"10000\",\"bill_download_url\":\"http://localhost:"
                + server.getAddress().getPort() + "/file?token=1\"}";
        file = zip(HEAD + END);
        assertThatThrownBy(this::read).hasMessageContaining("not connected to localhost");
    }

    @Test
    void aDownloadThatIsTruncatedOrAlteredIsRefused() {
        String bill = HEAD + row("P-1", "交易", "茶", "65.00", "").repeat(200) + END + totals(200, "13000.00", 0, "0.00");
        byte[] whole = zip(bill);
        file = Arrays.copyOf(whole, whole.length / 2);
        assertThatThrownBy(this::read).hasMessageContaining("the bill is damaged");
        byte[] altered = whole.clone();
        altered[whole.length / 2] ^= 1;
        file = altered;
        assertThatThrownBy(this::read).hasMessageStartingWith("the bill ");
        file = zip(HEAD + row("P-1", "交易", "茶", "65.00", ""));
        assertThatThrownBy(this::read).hasMessageContaining("the bill is incomplete");
        file = "<html>expired</html>".getBytes(UTF_8);
        assertThatThrownBy(this::read).hasMessageContaining("is not a zip");
    }
}
