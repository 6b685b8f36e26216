package dev.serai.connector.http.answer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.pull.JqExpression;
import dev.serai.connector.pull.PullException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How the platforms that say no in an answer's body say it, by the lists of error codes in their documentation. A code that is
 * in none of the lists is a refusal, unless the status says more.
 *
 * <p>See: WeChat "全局返回码说明" and WeCom "全局错误码"; DingTalk "调用频率限制" and "错误码"; Feishu "服务端错误码说明" and "频控策略"; Slack
 * "Errors" of the Web API's methods.
 *
 * <p>Threads: safe.
 */
enum PlatformAnswer {
    /** Also WeCom. */
    WECHAT(
            List.of("errcode"),
            List.of(),
            Set.of("0"),
            Set.of("-1", "6000", "42010", "45009", "45011", "45033", "61450"),
            Set.of("40001", "40014", "41001", "42001", "42007", "42009"),
            Set.of("40013", "40164", "48001", "48004", "60020")),

    /** Its older API answers 88 with the code in sub_code, the newer one with words in code, a blocked address with status 1111. */
    DINGTALK(
            List.of("errcode"),
            List.of("code", "status"),
            Set.of("0"),
            Set.of(
                    "-1",
                    "1111",
                    "90002",
                    "90003",
                    "90004",
                    "90005",
                    "90006",
                    "90007",
                    "90008",
                    "90009",
                    "90010",
                    "90018",
                    "90020",
                    "90030",
                    "130101",
                    "143103",
                    "143104",
                    "660026",
                    "Forbidden.AccessDenied.ApiCountLimitForOrg",
                    "Forbidden.AccessDenied.QpsLimitForApi",
                    "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi",
                    "ServiceUnavailable"),
            Set.of("33001", "40001", "40014", "41001", "42001", "InvalidAuthentication"),
            Set.of("60011", "60020", "300001", "300005")),

    FEISHU(
            List.of("code", "StatusCode"),
            List.of(),
            Set.of("0"),
            Set.of("1500", "2200", "9499", "11232", "230020", "1254290", "99991400"),
            Set.of("99991661", "99991663", "99991664", "99991665", "99991668", "99991671", "99991677"),
            Set.of("19021", "19022", "99991401", "99991662", "99991672")),

    SLACK(
            List.of("error"),
            List.of(),
            Set.of(),
            Set.of(
                    "fatal_error",
                    "internal_error",
                    "rate_limited",
                    "ratelimited",
                    "request_timeout",
                    "service_unavailable",
                    "team_added_to_org"),
            Set.of("account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"),
            Set.of(
                    "access_denied",
                    "accesslimited",
                    "ekm_access_denied",
                    "enterprise_is_restricted",
                    "missing_scope",
                    "no_permission",
                    "not_allowed_token_type",
                    "org_login_required",
                    "team_access_not_granted",
                    "two_factor_setup_required"));

    /** DingTalk: the code is in {@code sub_code}. */
    private static final String SUB_CODE_FOLLOWS = "88";

    private final List<String> fields;
    private final List<String> sometimes;
    private final Set<String> good;
    private final Set<String> passing;
    private final Set<String> expired;
    private final Set<String> ofTheTarget;

    /**
     * @param fields that have the code
     * @param sometimes fields that may have one of these codes, or something else
     * @param passing codes of what passes, such as a limit on requests
     * @param expired codes for an access token that is over
     * @param ofTheTarget codes of what hits all changes, such as an address that is not allowed
     */
    PlatformAnswer(
            List<String> fields,
            List<String> sometimes,
            Set<String> good,
            Set<String> passing,
            Set<String> expired,
            Set<String> ofTheTarget) {
        this.fields = fields;
        this.sometimes = sometimes;
        this.good = good;
        this.passing = passing;
        this.expired = expired;
        this.ofTheTarget = ofTheTarget;
    }

    /** @throws IllegalArgumentException if there is none of this name */
    static PlatformAnswer of(String name) {
        for (PlatformAnswer one : values()) {
            if (one.name().equalsIgnoreCase(name.strip())) {
                return one;
            }
        }
        throw new IllegalArgumentException("answers must be one of "
                + Arrays.stream(values())
                        .map(one -> one.name().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(", "))
                + ", not " + name);
    }

    /** The platform whose tokens these are; null if they are those of OAuth. */
    static @Nullable PlatformAnswer ofTokens(String tokens) {
        return switch (tokens.strip().toLowerCase(Locale.ROOT)) {
            case "wechat", "wecom" -> WECHAT;
            case "dingtalk" -> DINGTALK;
            case "feishu" -> FEISHU;
            default -> null;
        };
    }

    /** Whether the body says, in the words of any of the platforms, that the access token is over. */
    static boolean saysExpired(byte[] body) {
        try {
            JsonNode json = JqExpression.json(body);
            return Arrays.stream(values()).anyMatch(one -> one.judge(json) == HttpSinkRules.Judgement.EXPIRED);
        } catch (IOException | PullException e) {
            return false;
        }
    }

    /** What the body says; null if it says nothing, so that the status decides. */
    HttpSinkRules.@Nullable Judgement judge(HttpSinkAnswer answer) {
        byte[] body = answer.body();
        if (body == null || answer.cut() != null) {
            return null;
        }
        try {
            HttpSinkRules.Judgement judgement = judge(JqExpression.json(body));
            return judgement == HttpSinkRules.Judgement.DEAD && !answer.isSuccess() ? null : judgement;
        } catch (IOException | PullException e) { // Slack's webhooks answer "ok" as text
            return null;
        }
    }

    private HttpSinkRules.@Nullable Judgement judge(JsonNode json) {
        for (String field : fields) {
            String code = code(json, field);
            if (code != null) {
                String sub = code.equals(SUB_CODE_FOLLOWS) ? code(json, "sub_code") : null;
                HttpSinkRules.Judgement known = known(sub == null ? code : sub);
                return known == null ? HttpSinkRules.Judgement.DEAD : known;
            }
        }
        for (String field : sometimes) {
            String code = code(json, field);
            HttpSinkRules.Judgement known = code == null ? null : known(code);
            if (known != null && known != HttpSinkRules.Judgement.DELIVERED) {
                return known;
            }
        }
        return null;
    }

    private static @Nullable String code(JsonNode json, String field) {
        JsonNode code = json.get(field);
        return code != null && code.isValueNode() && !code.isNull() ? code.asText() : null;
    }

    private HttpSinkRules.@Nullable Judgement known(String code) {
        if (good.contains(code)) {
            return HttpSinkRules.Judgement.DELIVERED;
        }
        if (passing.contains(code)) {
            return HttpSinkRules.Judgement.RETRY;
        }
        if (expired.contains(code)) {
            return HttpSinkRules.Judgement.EXPIRED;
        }
        return ofTheTarget.contains(code) ? HttpSinkRules.Judgement.OUTAGE : null;
    }
}
