package dev.serai.connector.http.token;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Whose rules a token endpoint follows.
 *
 * <p>See: the pages of the platforms for {@code cgi-bin/stable_token} and {@code cgi-bin/token} (WeChat), {@code
 * cgi-bin/gettoken} (WeCom), {@code v1.0/oauth2/accessToken} and {@code gettoken} (DingTalk), {@code
 * auth/v3/tenant_access_token/internal} (Feishu).
 */
enum TokenPlatform {
    /** RFC 6749. */
    OAUTH(null),
    WECHAT("https://api.weixin.qq.com/cgi-bin/stable_token"),
    WECOM("https://qyapi.weixin.qq.com/cgi-bin/gettoken"),
    DINGTALK("https://api.dingtalk.com/v1.0/oauth2/accessToken"),
    FEISHU("https://open.feishu.cn/open-apis/auth/v3/tenant_access_token/internal");

    private static final String GET_TOKEN = "/gettoken";

    private final @Nullable String url;

    TokenPlatform(@Nullable String url) {
        this.url = url;
    }

    /** @throws IllegalArgumentException if there is none of this name */
    static TokenPlatform of(String name) {
        for (TokenPlatform one : values()) {
            if (one.name().equalsIgnoreCase(name.strip())) {
                return one;
            }
        }
        throw new IllegalArgumentException("tokens must be one of "
                + Arrays.stream(values())
                        .map(one -> one.name().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(", "))
                + ", not " + name);
    }

    /** The token endpoint if none is named; null if there is no such one. */
    @Nullable String url() {
        return url;
    }

    /** Whether the endpoint is asked with GET and a query, as opposed to POST and JSON. */
    boolean isGet(String path) {
        return switch (this) {
            case WECHAT -> !path.endsWith("/stable_token");
            case WECOM -> true;
            case DINGTALK -> path.endsWith(GET_TOKEN);
            case OAUTH, FEISHU -> false;
        };
    }

    /** What the request says, in the names of the platform. */
    Map<String, String> parameters(String path, String id, String secret) {
        Map<String, String> all = new LinkedHashMap<>();
        switch (this) {
            case WECHAT -> {
                all.put("grant_type", "client_credential");
                all.put("appid", id);
                all.put("secret", secret);
            }
            case WECOM -> {
                all.put("corpid", id);
                all.put("corpsecret", secret);
            }
            case DINGTALK -> {
                if (path.endsWith("/token")) { // of one organisation
                    all.put("client_id", id);
                    all.put("client_secret", secret);
                    all.put("grant_type", "client_credentials");
                } else {
                    all.put(isGet(path) ? "appkey" : "appKey", id);
                    all.put(isGet(path) ? "appsecret" : "appSecret", secret);
                }
            }
            case FEISHU -> {
                all.put("app_id", id);
                all.put("app_secret", secret);
            }
            case OAUTH -> throw new IllegalStateException("a form is sent, not these");
        }
        return all;
    }

    /** Where its APIs look for the token. */
    TokenPlace place(String tokenPath, String targetHost) {
        return switch (this) {
            case WECHAT, WECOM -> TokenPlace.inQuery("access_token");
            case DINGTALK ->
                isGet(tokenPath) || targetHost.startsWith("oapi.")
                        ? TokenPlace.inQuery("access_token")
                        : TokenPlace.inHeader("x-acs-dingtalk-access-token");
            case OAUTH, FEISHU -> TokenPlace.BEARER;
        };
    }
}
