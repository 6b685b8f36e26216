package dev.serai.camel.signature;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.serai.connector.PushSourceContract;
import dev.serai.support.AlipayPeer;
import java.util.Map;

/** Alipay. */
class AlipaySourceContractTest extends PushSourceContract {
    private static final AlipayPeer PEER = AlipayPeer.create();

    @Override
    protected String kamelet() {
        return "alipay-source";
    }

    @Override
    protected String options() {
        return """
                path: /hooks/alipay
                alipayPublicKey: "{{alipay.publicKey}}"
                """;
    }

    @Override
    protected Map<String, String> properties() {
        return Map.of("alipay.publicKey", PEER.publicKey());
    }

    @Override
    protected String key() {
        return "${jq(.out_trade_no)}";
    }

    @Override
    protected Answer push(String id, String key, String text) throws Exception {
        Map<String, String> payment = AlipayPeer.payment();
        payment.put("notify_id", id);
        payment.put("out_trade_no", key);
        payment.put("subject", text);
        return post(PEER.form(payment));
    }

    @Override
    protected Answer pushBroken() throws Exception {
        return post(AlipayPeer.create().form(AlipayPeer.payment()));
    }

    private Answer post(String form) throws Exception {
        return of(source().post(
                        "/hooks/alipay",
                        "application/x-www-form-urlencoded; charset=utf-8",
                        form.getBytes(UTF_8),
                        Map.of()));
    }
}
