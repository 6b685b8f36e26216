package dev.serai.connector.wechat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.serai.connector.pull.PullSourceContract;
import dev.serai.signature.Digest;
import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import dev.serai.support.RemoteSide.Asked;
import dev.serai.support.WeChatPayPeer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AutoClose;

/** A day's bill for each writing; that of the day behind the last one is still being made. */
class WeChatPayBillSourceContractTest extends PullSourceContract {
    private static final WeChatPayPeer WECHAT_PAY = WeChatPayPeer.create();
    private static final WeChatPayPeer MERCHANT = WeChatPayPeer.create();
    private static final LocalDate FIRST = LocalDate.now(ZoneOffset.ofHours(8)).minusDays(30);

    private final Map<String, String> bills = new ConcurrentHashMap<>();
    private volatile boolean isDown;

    @AutoClose
    private final RemoteSide weChatPay = new RemoteSide(this::answer);

    private Answer answer(Asked asked) {
        if (isDown) {
            return Answer.status(500);
        }
        if (asked.path().equals("/v3/billdownload/file")) {
            return new Answer(200, Map.of(), bills.get(asked.parameter("token")));
        }
        String day = asked.parameter("bill_date");
        String bill = bills.get(day);
        if (bill == null) {
            return new Answer(400, Map.of(), "{\"code\":\"STATEMENT_CREATING\"}");
        }
        String hash = HexFormat.of().formatHex(Digest.sha1(bill.getBytes(UTF_8)));
        String body = "{\"hash_type\":\"SHA1\",\"hash_value\":\"" + hash + "\",\"download_url\":\""
                + weChatPay.url("/v3/billdownload/file?token=" + day) + "\"}";
        return new Answer(200, WECHAT_PAY.sign(body, Instant.now()), body);
    }

    @Override
    protected String kamelet() {
        return "wechatpay-bill-source";
    }

    @Override
    protected String options() {
        return """
                url: "{{wechatpay}}"
                schedule: "* * * * * ?"
                start: "{{first}}"
                batchSize: 2
                mchid: "{{mchid}}"
                serialNumber: 5157F09EFDC096DE15EBE81A47057A7232F1B8E1
                privateKey: "{{privateKey}}"
                publicKeyId: "{{publicKeyId}}"
                publicKey: "{{publicKey}}"
                """;
    }

    @Override
    protected String ledgerOptions() {
        return "key: \"${jq(.order)}\"\nversion: \"${jq(.at)}\"";
    }

    @Override
    protected Map<String, String> properties() {
        return new HashMap<>(Map.of(
                "wechatpay",
                weChatPay.url(""),
                "first",
                FIRST.toString(),
                "mchid",
                WeChatPayPeer.MCHID,
                "privateKey",
                MERCHANT.privatePem(),
                "publicKeyId",
                WeChatPayPeer.KEY_ID,
                "publicKey",
                WECHAT_PAY.publicPem()));
    }

    private void bill(String rows) {
        bills.put(FIRST.plusDays(bills.size()).toString(), "at,order\r\n" + rows + "总交易单数,应结订单总金额\r\n`2,`65.00\r\n");
    }

    @Override
    protected void write(String... keys) {
        StringBuilder rows = new StringBuilder();
        for (String key : keys) {
            rows.append("`2026-11-20 10:34:56,`").append(key).append("\r\n");
        }
        bill(rows.toString());
    }

    @Override
    protected void writeBroken() {
        bill("`2026,`4200,`\r\n");
    }

    @Override
    protected void takeAway() {
        isDown = true;
    }

    @Override
    protected void bringBack() {
        isDown = false;
    }
}
