package dev.serai.connector.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.camel.ledger.OutcomeReader;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.support.KameletRunner;
import dev.serai.support.RawServer;
import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpSinkRulesTest {
    private static final String ROUTE = """
            - route:
                from:
                  uri: direct:in
                  steps:
                    - to:
                        uri: kamelet:http-sink
                        parameters:
                          url: "{{remote}}"
            """;

    @TempDir
    private Path data;

    @AutoClose
    private final KameletRunner runner = new KameletRunner(() -> data);

    private Function<RemoteSide.Asked, Answer> answers = asked -> Answer.json("{}");

    @AutoClose
    private final RemoteSide remote = new RemoteSide(asked -> answers.apply(asked));

    private final Map<String, Object> headers = new HashMap<>(Map.of(
            "CamelLedgerId",
            "id",
            "CamelLedgerKey",
            "k1",
            "CamelLedgerOperation",
            "upsert",
            "Content-Type",
            "text/plain"));

    private Outcome outcome(String... parameters) throws Exception {
        return outcomeAt(remote.url("/in"), parameters);
    }

    private Outcome outcomeAt(String url, String... parameters) throws Exception {
        runner.with(ROUTE + String.join("\n", parameters).indent(14), Map.of("remote", url))
                .start();
        return new OutcomeReader(Clock.systemUTC()).of(runner.send("direct:in", "x".getBytes(UTF_8), headers));
    }

    private Outcome ofAnswer(int status, Map<String, String> answerHeaders) throws Exception {
        answers = asked -> new Answer(status, answerHeaders, "no");
        return outcome();
    }

    // ---- The status decides when the body cannot be read

    @Test
    void aStatusCountsWhateverBecomesOfTheBody() throws Exception {
        for (String body : List.of(
                "Content-Length: 50\r\n\r\n{}",
                "Transfer-Encoding: chunked\r\n\r\n5\r\n{}",
                "Transfer-Encoding: chunked\r\n\r\nzz\r\n")) {
            for (int status : List.of(201, 422, 503)) {
                try (RawServer server = new RawServer((request, out) -> {
                            out.write(("HTTP/1.1 " + status + " Said\r\n" + body).getBytes(UTF_8));
                            out.flush();
                            return false;
                        });
                        KameletRunner own = new KameletRunner(() -> data)) {
                    own.with(ROUTE, Map.of("remote", "http://127.0.0.1:" + server.port() + "/"))
                            .start();
                    Outcome outcome = new OutcomeReader(Clock.systemUTC())
                            .of(own.send("direct:in", "x".getBytes(UTF_8), headers));

                    if (status == 201) {
                        assertThat(outcome).as(body).isEqualTo(new Outcome.Delivered(201));
                    } else if (status == 422) {
                        assertThat(outcome).as(body).isInstanceOf(Outcome.Refused.class);
                    } else {
                        assertThat(outcome).as(body).isInstanceOfSatisfying(Outcome.Failed.class, failed -> assertThat(
                                        failed.status())
                                .isEqualTo(503));
                    }
                    assertThat(server.heads).hasSize(1);
                }
            }
        }
    }

    @Test
    void aTooLongBodyOfA200IsADelivery() throws Exception {
        answers = asked -> Answer.json("\"" + "x".repeat(2 << 20) + "\"");

        assertThat(outcome()).isEqualTo(new Outcome.Delivered(200));
    }

    @Test
    void aSlowBodyOfA200IsADelivery() throws Exception {
        try (RawServer server = new RawServer((request, out) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{".getBytes(UTF_8));
            out.flush();
            return true;
        })) {
            assertThat(outcomeAt("http://127.0.0.1:" + server.port() + "/", "timeout: 1s"))
                    .isEqualTo(new Outcome.Delivered(200));
        }
    }

    // ---- What a status means

    @Test
    void aWaitThatIsAskedForIsNoRefusalWhateverTheStatus() throws Exception {
        for (int status : List.of(400, 403, 409, 429, 500, 503)) {
            try (KameletRunner own = new KameletRunner(() -> data)) {
                answers = asked -> new Answer(status, Map.of("Retry-After", "7"), "wait");
                own.with(ROUTE, Map.of("remote", remote.url("/in"))).start();
                assertThat(new OutcomeReader(Clock.systemUTC()).of(own.send("direct:in", "x".getBytes(UTF_8), headers)))
                        .isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
                            assertThat(failed.status()).isEqualTo(status);
                            assertThat(failed.retryAfter()).isEqualTo(Duration.ofSeconds(7));
                        });
            }
        }
    }

    @Test
    void aSpentCountOfRequestsIsWaitedFor() throws Exception {
        long reset = Instant.now().getEpochSecond() + 600;

        Outcome outcome =
                ofAnswer(403, Map.of("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", String.valueOf(reset)));

        assertThat(outcome).isInstanceOfSatisfying(Outcome.Failed.class, failed -> assertThat(failed.retryAfter())
                .isBetween(Duration.ofSeconds(400), Duration.ofSeconds(600)));
    }

    @Test
    void aCountOfRequestsThatIsNotSpentExcusesNoRefusal() throws Exception {
        assertThat(ofAnswer(403, Map.of("X-RateLimit-Remaining", "10", "X-RateLimit-Reset", "60")))
                .isInstanceOf(Outcome.Refused.class);
    }

    @ParameterizedTest
    @CsvSource({"404", "410"})
    void whatIsGoneAlreadyNeedsNoDelete(int status) throws Exception {
        headers.put("CamelLedgerOperation", "delete");
        answers = asked -> Answer.status(status);

        assertThat(outcomeAt(remote.url("/in/{key}"), "deleteMethod: DELETE")).isEqualTo(new Outcome.Delivered(status));
        assertThat(remote.asked.get(0).method()).isEqualTo("DELETE");
    }

    @ParameterizedTest
    @CsvSource({"404", "410"})
    void theAbsenceOfOneRecordIsNotTheTargets(int status) throws Exception {
        answers = asked -> Answer.status(status);

        assertThat(outcomeAt(remote.url("/in/{key}")))
                .isInstanceOfSatisfying(Outcome.Refused.class, refused -> assertThat(refused.hasSharedCause())
                        .isFalse());
    }

    @Test
    void aTargetThatIsGoneStops() throws Exception {
        assertThat(ofAnswer(410, Map.of())).isInstanceOf(Outcome.Gone.class);
    }

    // ---- Redirects

    @ParameterizedTest
    @CsvSource({"307", "308"})
    void aRedirectWithinTheServerIsFollowedWithTheSameRequest(int status) throws Exception {
        answers = asked -> asked.path().equals("/in")
                ? new Answer(status, Map.of("Location", "/v2/in?a=%2B"), "")
                : Answer.json("{}");

        assertThat(outcome()).isEqualTo(new Outcome.Delivered(200));
        assertThat(remote.asked).hasSize(2);
        assertThat(remote.asked.get(1)).satisfies(again -> {
            assertThat(again.method()).isEqualTo("POST");
            assertThat(again.path() + "?" + again.query()).isEqualTo("/v2/in?a=%2B");
            assertThat(new String(again.body(), UTF_8)).isEqualTo("x");
            assertThat(again.headers()).containsEntry("idempotency-key", "id");
        });
    }

    @ParameterizedTest
    @CsvSource({
        "301, /v2/in",
        "302, /v2/in",
        "303, /v2/in",
        "307, http://127.0.0.1:1/in",
        "308, https://127.0.0.1/in",
        "307, /in"
    })
    void anotherRedirectIsToldAndNotFollowedForEver(int status, String location) throws Exception {
        answers = asked -> new Answer(status, Map.of("Location", location), "");

        assertThat(outcome()).isInstanceOfSatisfying(Outcome.Failed.class, failed -> assertThat(failed.error())
                .contains(location)
                .contains("set url to that address"));
        assertThat(remote.asked).hasSizeLessThan(6);
    }

    // ---- A no in a 200

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "wechat   | {\"errcode\":0,\"errmsg\":\"ok\"}       | Delivered",
                "wechat   | {\"msgid\":1}                           | Delivered",
                "wechat   | {\"errcode\":45009,\"errmsg\":\"limit\"} | Failed",
                "wechat   | {\"errcode\":-1}                        | Failed",
                "wechat   | {\"errcode\":40001}                     | Outage",
                "wechat   | {\"errcode\":40003}                     | Refused",
                "wechat   | {\"errcode\":50005}                     | Refused",
                "wechat   | {\"errcode\":61450}                     | Failed",
                "wechat   | {\"errcode\":42001}                     | Outage",
                "wechat   | {\"errcode\":40164,\"errmsg\":\"ip\"}    | Outage",
                "wechat   | {\"errcode\":60020}                     | Outage",
                "dingtalk | {\"errcode\":0}                         | Delivered",
                "dingtalk | {\"errcode\":130101}                    | Failed",
                "dingtalk | {\"errcode\":310000}                    | Refused",
                "dingtalk | {\"errcode\":88,\"sub_code\":\"40014\"} | Outage",
                "dingtalk | {\"errcode\":88,\"sub_code\":\"90018\"} | Failed",
                "dingtalk | {\"errcode\":88,\"sub_code\":\"60121\"} | Refused",
                "dingtalk | {\"errcode\":60020}                     | Outage",
                "dingtalk | {\"status\":1111,\"punish\":\"deny\"}   | Failed",
                "dingtalk | {\"status\":0,\"processQueryKey\":\"x\"} | Delivered",
                "feishu   | {\"code\":0}                            | Delivered",
                "feishu   | {\"StatusCode\":0}                      | Delivered",
                "feishu   | {\"code\":11232}                        | Failed",
                "feishu   | {\"code\":99991663}                     | Outage",
                "feishu   | {\"code\":19001}                        | Refused",
                "feishu   | {\"code\":99991672}                     | Outage",
                "slack    | ok                                      | Delivered",
                "slack    | {\"ok\":true}                           | Delivered",
                "slack    | {\"ok\":false,\"error\":\"ratelimited\"} | Failed",
                "slack    | {\"ok\":false,\"error\":\"no_text\"}     | Refused",
                "slack    | {\"ok\":false,\"error\":\"token_expired\"} | Outage",
                "slack    | {\"ok\":false,\"error\":\"missing_scope\"} | Outage",
            })
    void aPlatformsNoIsRead(String platform, String body, String expected) throws Exception {
        answers = asked -> Answer.json(body);

        Outcome outcome = outcome("answers: " + platform);

        String kind = outcome.isOutage() ? "Outage" : outcome.getClass().getSimpleName();
        assertThat(kind).isEqualTo(expected);
        if (!kind.equals("Delivered")) {
            assertThat(outcome.error()).contains(body);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "dingtalk | 400 | {\"code\":\"InvalidAuthentication\"}                        | Outage",
                "dingtalk | 403 | {\"code\":\"Forbidden.AccessDenied.QpsLimitForApi\"}       | Failed",
                "dingtalk | 400 | {\"code\":\"invalidParameter\"}                             | Refused",
                "dingtalk | 500 | {\"code\":\"InternalError\"}                                | Failed",
                "feishu   | 400 | {\"code\":99991663}                                        | Outage",
                "feishu   | 400 | {\"code\":99991400}                                        | Failed",
                "feishu   | 400 | {\"code\":1470602}                                         | Refused",
                "feishu   | 429 | {\"code\":1470450}                                         | Failed",
                "feishu   | 500 | {\"code\":1470701}                                         | Failed",
            })
    void aPlatformsNoIsReadInOtherStatusesToo(String platform, int status, String body, String expected)
            throws Exception {
        answers = asked -> new Answer(status, Map.of("Content-Type", "application/json"), body);

        Outcome outcome = outcome("answers: " + platform);

        boolean isOutage = outcome.isOutage() && status < 500;
        assertThat(isOutage ? "Outage" : outcome.getClass().getSimpleName()).isEqualTo(expected);
    }

    @Test
    void theTimeThatFeishuNamesWithA400IsWaitedFor() throws Exception {
        answers = asked -> new Answer(400, Map.of("x-ogw-ratelimit-reset", "52"), "{\"code\":99991400}");

        assertThat(outcome("answers: feishu"))
                .isInstanceOfSatisfying(Outcome.Failed.class, failed -> assertThat(failed.retryAfter())
                        .isEqualTo(Duration.ofSeconds(52)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "deliveredWhen: '.errcode == 0'                  | 200 | {\"errcode\":0} | Delivered",
                "deliveredWhen: '.errcode == 0'                  | 200 | {\"errcode\":1} | Failed",
                "deliveredWhen: '.errcode == 0'                  | 200 | not JSON        | Failed",
                "deliveredWhen: '.errcode == 0'                  | 422 | {\"errcode\":0} | Refused",
                "deliveredWhen: 'status in 409'                  | 409 | {}              | Delivered",
                "deliveredWhen: 'status in 409'                  | 200 | {}              | Delivered",
                "deliveredWhen: 'status in 409'                  | 400 | {}              | Refused",
                "deliveredWhen: 'status in 200-299, 409 and .id' | 409 | {\"id\":1}      | Delivered",
                "deliveredWhen: 'status in 200-299, 409 and .id' | 200 | {}              | Failed",
                "retryWhen: 'status in 4xx'                      | 422 | {}              | Failed",
                "retryWhen: '.busy'                              | 200 | {\"busy\":true} | Failed",
                "retryWhen: '.busy'                              | 400 | {\"busy\":true} | Failed",
                "retryWhen: '.busy'                              | 400 | {}              | Refused",
                "deadWhen: '.invalid'                            | 200 | {\"invalid\":1} | Refused",
                "deadWhen: 'status in 500 and .invalid'          | 500 | {\"invalid\":1} | Refused",
                "deadWhen: 'status in 500 and .invalid'          | 500 | {}              | Failed",
            })
    void anOptionSaysWhatAnAnswerMeans(String option, int status, String body, String expected) throws Exception {
        answers = asked -> new Answer(status, Map.of("Content-Type", "application/json"), body);

        assertThat(outcome(option).getClass().getSimpleName()).isEqualTo(expected);
    }

    @Test
    void secretsInTheAddressAreMaskedWhereATargetRepeatsThem() throws Exception {
        answers = asked -> new Answer(
                307,
                Map.of("Location", "https://other.example/in?access_token=canary-1&page=2"),
                "you asked for " + asked.path() + "?" + asked.query() + " (canary 2)");
        Outcome outcome = outcomeAt(remote.url("/in?access_token=canary-1&sign=canary%202&page=2"));

        assertThat(remote.asked.get(0).query()).isEqualTo("access_token=canary-1&sign=canary%202&page=2");
        assertThat(outcome.error())
                .contains("access_token=***", "sign=***", "page=2", "https://other.example/in")
                .doesNotContain("canary");
    }

    @Test
    void aTargetThatRepeatsACredentialDoesNotMakeItVisible() throws Exception {
        answers = asked -> new Answer(
                403,
                Map.of("X-Echo", asked.headers().get("x-api-key")),
                "wrong: " + asked.headers().get("authorization")
                        + asked.headers().get("x-api-key") + " of "
                        + asked.headers().get("x-shop"));

        Outcome outcome = outcome("headers: 'Authorization=Bearer canary-1,X-Api-Key=canary-2,X-Shop=seven'");

        assertThat(outcome.toString()).contains("wrong: ", " of seven").doesNotContain("canary");
    }

    @Test
    void aTokenThatThePlatformCallsExpiredIsRenewedAtOnce() throws Exception {
        List<String> tokens = List.of("first", "second");
        answers = asked -> {
            if (asked.path().equals("/token")) {
                long before = remote.asked.stream()
                        .filter(one -> one.path().equals("/token"))
                        .count();
                return Answer.json("{\"access_token\":\"" + tokens.get((int) before - 1)
                        + "\",\"token_type\":\"Bearer\",\"expires_in\":7200}");
            }
            boolean isNew = "Bearer second".equals(asked.headers().get("authorization"));
            return Answer.json(isNew ? "{\"errcode\":0}" : "{\"errcode\":42001}");
        };

        assertThat(outcome(
                        "answers: wechat",
                        "tokenUrl: \"" + remote.url("/token") + "\"",
                        "clientId: app",
                        "clientSecret: only-for-this-test"))
                .isEqualTo(new Outcome.Delivered(200));
        assertThat(remote.asked).hasSize(4);
    }

    @Test
    void aConditionThatCannotBeReadIsRefusedAtTheStart() {
        for (String option : List.of(
                "deliveredWhen: 'status in 700'",
                "retryWhen: '.a ==='",
                "deadWhen: 'status in 200 and (('",
                "answers: line")) {
            try (KameletRunner own = new KameletRunner(() -> data)) {
                assertThatThrownBy(() -> own.with(ROUTE + option.indent(14), Map.of("remote", remote.url("/")))
                                .start())
                        .as(option)
                        .hasStackTraceContaining(option.substring(0, option.indexOf(':')));
            }
        }
    }
}
