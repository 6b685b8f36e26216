package dev.serai.reconcile;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import dev.serai.support.RemoteSide.Asked;
import dev.serai.support.WeChatPayPeer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** WeChat Pay with a bill for some days. */
final class BillPeer implements AutoCloseable {
    private static final WeChatPayPeer WECHAT_PAY = WeChatPayPeer.create();
    private static final WeChatPayPeer MERCHANT = WeChatPayPeer.create();
    private static final String COLUMNS = "交易时间,微信订单号,商户订单号,交易状态,微信退款单号,商户退款单号,退款金额,退款状态,订单金额,申请退款金额\r\n";

    /** The rows of bills by day, each with its end. */
    final Map<String, String> rows = new ConcurrentHashMap<>();
    /** The totals of bills that are not true, by day. */
    final Map<String, String> lies = new ConcurrentHashMap<>();

    final Map<String, String> refusals = new ConcurrentHashMap<>();
    volatile boolean falsified;
    private final RemoteSide server = new RemoteSide(this::answer);

    static String payment(String order, String yuan) {
        return "`2026-11-20 10:34:56,`4200-" + order + ",`" + order + ",`SUCCESS,`0,`0,`0.00,`,`" + yuan + ",`0.00\r\n";
    }

    static String refund(String refund, String yuan, String status) {
        return "`2026-11-20 11:00:00,`4200-0,`P-0,`REFUND,`5000-" + refund + ",`" + refund + ",`" + yuan + ",`" + status
                + ",`0.00,`" + yuan + "\r\n";
    }

    /** The block of a reconcile file. */
    String block() {
        return """
                bill:
                  platform: wechat-pay
                  url: %s
                  mchid: "%s"
                  serialNumber: 5157F09EFDC096DE15EBE81A47057A7232F1B8E1
                  privateKey: |
                %s
                  publicKeyId: %s
                  publicKey: |
                %s
                  ledger:
                    id: .id
                    amount: .amount
                    status: .status
                    time: .at
                  target: { amount: .amount, status: .status }
                """.formatted(
                        server.url(""),
                        WeChatPayPeer.MCHID,
                        MERCHANT.privatePem().indent(4).stripTrailing(),
                        WeChatPayPeer.KEY_ID,
                        WECHAT_PAY.publicPem().indent(4).stripTrailing());
    }

    private String bill(String day) {
        String body = rows.getOrDefault(day, "");
        String totals = lies.getOrDefault(day, "`" + body.lines().count() + ",`");
        return COLUMNS + body + "总交易单数,订单总金额\r\n" + totals + "\r\n";
    }

    private Answer answer(Asked asked) {
        String path = asked.path() + "?" + asked.query();
        if (!MERCHANT.hasSigned("GET", path, asked.headers().getOrDefault("authorization", ""))) {
            return Answer.status(401);
        }
        if (asked.path().equals("/v3/billdownload/file")) {
            return new Answer(200, Map.of(), bill(asked.parameter("token")) + (falsified ? " " : ""));
        }
        String day = asked.parameter("bill_date");
        String refusal = refusals.get(day);
        if (refusal == null && !rows.containsKey(day)) {
            refusal = "NO_STATEMENT_EXIST";
        }
        if (refusal != null) {
            return new Answer(400, Map.of(), "{\"code\":\"" + refusal + "\",\"message\":\"账单\"}");
        }
        String body = "{\"hash_type\":\"SHA1\",\"hash_value\":\"" + sha1(bill(day)) + "\",\"download_url\":\""
                + server.url("/v3/billdownload/file?token=" + day) + "\"}";
        return new Answer(200, WECHAT_PAY.sign(body, Instant.now()), body);
    }

    private static String sha1(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(text.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Adds rows to the bill of a day. */
    void add(LocalDate day, String... some) {
        rows.merge(day.toString(), String.join("", some), String::concat);
    }

    @Override
    public void close() {
        server.close();
    }
}
