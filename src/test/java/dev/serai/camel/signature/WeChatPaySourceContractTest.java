package dev.serai.camel.signature;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.serai.connector.PushSourceContract;
import dev.serai.support.WeChatPayPeer;
import java.time.Instant;
import java.util.Map;

/** WeChat Pay. */
class WeChatPaySourceContractTest extends PushSourceContract {
    private static final WeChatPayPeer PEER = WeChatPayPeer.create();

    @Override
    protected String kamelet() {
        return "wechatpay-source";
    }

    @Override
    protected String options() {
        return """
                path: /hooks/wechatpay
                apiV3Key: "{{pay.apiV3Key}}"
                publicKeyId: "{{pay.publicKeyId}}"
                publicKey: "{{pay.publicKey}}"
                """;
    }

    @Override
    protected Map<String, String> properties() {
        return Map.of(
                "pay.apiV3Key", WeChatPayPeer.API_V3_KEY,
                "pay.publicKeyId", WeChatPayPeer.KEY_ID,
                "pay.publicKey", PEER.publicPem());
    }

    @Override
    protected String key() {
        return "${jq(.out_trade_no)}";
    }

    @Override
    protected Answer push(String id, String key, String text) throws Exception {
        return post(WeChatPayPeer.notification(
                id, WeChatPayPeer.PAYMENT.replace("P-1", key).replace("支付成功", text)));
    }

    @Override
    protected Answer pushBroken() throws Exception {
        return post(WeChatPayPeer.notification(
                "e-9", WeChatPayPeer.PAYMENT, WeChatPayPeer.OTHER_API_V3_KEY, "transaction"));
    }

    private Answer post(String body) throws Exception {
        return of(source().post("/hooks/wechatpay", body.getBytes(UTF_8), PEER.sign(body, Instant.now())));
    }
}
