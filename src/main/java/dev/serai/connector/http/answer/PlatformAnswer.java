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
 * in none of the lists is a refusal.
 *
 * <p>Threads: safe.
 */
enum PlatformAnswer {
    /** Also WeCom. */
    WECHAT(
            List.of("errcode"),
            Set.of("0"),
            Set.of("-1", "45009", "45011", "45033", "50005", "6000"),
            Set.of("40001", "40014", "41001", "42001", "42007", "42009")),

    DINGTALK(
            List.of("errcode"),
            Set.of("0"),
            Set.of(
                    "-1", "90002", "90003", "90004", "90005", "90006", "90007", "90008", "90009", "90010", "90018",
                    "90030", "130101"),
            Set.of("33001", "40001", "40014", "41001", "42001")),

    FEISHU(
            List.of("code", "StatusCode"),
            Set.of("0"),
            Set.of("2200", "9499", "11232", "230020", "99991400"),
            Set.of("99991661", "99991663", "99991664", "99991665", "99991668", "99991671", "99991677")),

    SLACK(
            List.of("error"),
            Set.of(),
            Set.of(
                    "fatal_error",
                    "internal_error",
                    "rate_limited",
                    "ratelimited",
                    "request_timeout",
                    "service_unavailable",
                    "team_added_to_org"),
            Set.of("account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"));

    private final List<String> fields;
    private final Set<String> good;
    private final Set<String> passing;
    private final Set<String> expired;

    PlatformAnswer(List<String> fields, Set<String> good, Set<String> passing, Set<String> expired) {
        this.fields = fields;
        this.good = good;
        this.passing = passing;
        this.expired = expired;
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

    /** What the body says; null if it says nothing, so that the status decides. */
    HttpSinkRules.@Nullable Judgement judge(HttpSinkAnswer answer) {
        byte[] body = answer.body();
        if (body == null || answer.cut() != null) {
            return null;
        }
        try {
            return judge(JqExpression.json(body));
        } catch (IOException | PullException e) { // Slack's webhooks answer "ok" as text
            return null;
        }
    }

    private HttpSinkRules.@Nullable Judgement judge(JsonNode json) {
        for (String field : fields) {
            JsonNode code = json.get(field);
            if (code != null && code.isValueNode() && !code.isNull()) {
                String said = code.asText();
                if (good.contains(said)) {
                    return HttpSinkRules.Judgement.DELIVERED;
                }
                if (passing.contains(said)) {
                    return HttpSinkRules.Judgement.RETRY;
                }
                return expired.contains(said) ? HttpSinkRules.Judgement.EXPIRED : HttpSinkRules.Judgement.DEAD;
            }
        }
        return null;
    }
}
