package dev.serai.camel.signature;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.serai.connector.PushSourceContract;
import dev.serai.support.WeChatPeer;
import dev.serai.support.WeChatPeer.Push;
import java.time.Instant;
import java.util.Map;

/** WeChat's messages to an official account. */
class WeChatMessageSourceContractTest extends PushSourceContract {
    private static final WeChatPeer PEER = new WeChatPeer();

    @Override
    protected String kamelet() {
        return "wechat-message-source";
    }

    @Override
    protected String options() {
        return """
                path: /hooks/wechat
                token: "{{chat.token}}"
                encodingAesKey: "{{chat.aesKey}}"
                appId: "{{chat.appId}}"
                """;
    }

    @Override
    protected Map<String, String> properties() {
        return Map.of(
                "chat.token", WeChatPeer.TOKEN, "chat.aesKey", WeChatPeer.AES_KEY, "chat.appId", WeChatPeer.APP_ID);
    }

    @Override
    protected String key() {
        return "${jq(.FromUserName)}";
    }

    @Override
    protected Answer push(String id, String key, String text) throws Exception {
        String message = WeChatPeer.MESSAGE
                .replace(WeChatPeer.ID, id)
                .replace("canary-openid", key)
                .replace("微信", text);
        return post(PEER.encrypted(message, Instant.now()));
    }

    @Override
    protected Answer pushBroken() throws Exception {
        return post(PEER.encrypted(WeChatPeer.MESSAGE, Instant.now()).bodyWith("<Encrypt>", "<Encrypted>"));
    }

    private Answer post(Push push) throws Exception {
        return of(source().post(
                        "/hooks/wechat?" + push.query(), "text/xml", push.body().getBytes(UTF_8), Map.of()));
    }
}
