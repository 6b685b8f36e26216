package dev.serai.connector.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.camel.ledger.OutcomeReader;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.support.CapturedLog;
import dev.serai.support.KameletRunner;
import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import dev.serai.support.RemoteSide.Asked;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The access tokens of http-sink as platforms issue them, and how they are kept, shared and renewed. */
class HttpSinkTokenTest {
    private static final String SECRET = "secret & of this test";
    private static final String ROUTE = """
            - route:
                from:
                  uri: direct:%s
                  steps:
                    - to:
                        uri: kamelet:http-sink
                        parameters:
                          url: "{{remote}}/send?a=%%2F"
                          clientId: app
                          clientSecret: "{{app.secret}}"
            """;

    @TempDir
    private Path data;

    private final AtomicInteger issued = new AtomicInteger();
    private final Set<String> over = ConcurrentHashMap.newKeySet();
    private volatile Function<Integer, Answer> endpoint = number -> Answer.json(
            "{\"errcode\":0,\"errmsg\":\"ok\",\"access_token\":\"canary-" + number + "\",\"expires_in\":7200}");
    private volatile Function<Asked, Answer> target =
            asked -> over.stream().anyMatch(token -> asked.query().endsWith("&access_token=" + token))
                    ? Answer.json("{\"errcode\":42001,\"errmsg\":\"access_token expired\"}")
                    : Answer.json("{\"errcode\":0,\"errmsg\":\"ok\"}");

    @AutoClose
    private final RemoteSide remote = new RemoteSide(
            asked -> asked.path().startsWith("/send") ? target.apply(asked) : endpoint.apply(issued.incrementAndGet()));

    private KameletRunner runner;

    @AfterEach
    void stop() {
        if (runner != null) {
            runner.close();
        }
    }

    private static String route(String name, String... parameters) {
        return ROUTE.formatted(name) + String.join("\n", parameters).indent(14);
    }

    private void start(String... parameters) throws Exception {
        startAll(route("in", parameters));
    }

    private void startAll(String routes) throws Exception {
        stop();
        runner = new KameletRunner(data);
        runner.with(routes, Map.of("remote", remote.url(""), "app.secret", SECRET))
                .start();
    }

    private Exchange send(String route) {
        return runner.send("direct:" + route, "{}".getBytes(UTF_8), Map.of("Content-Type", "application/json"));
    }

    private Outcome outcome() {
        return new OutcomeReader(Clock.systemUTC()).of(send("in"));
    }

    private List<Asked> sent() {
        return remote.asked.stream()
                .filter(asked -> asked.path().startsWith("/send"))
                .toList();
    }

    private Asked tokenRequest() {
        return remote.asked.stream()
                .filter(asked -> !asked.path().startsWith("/send"))
                .findFirst()
                .orElseThrow();
    }

    // ---- As the platforms issue them

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", quoteCharacter = '`', textBlock = """
            wechat   | /cgi-bin/stable_token | -                                                      | {"grant_type":"client_credential","appid":"app","secret":"secret & of this test"}
            wechat   | /cgi-bin/token        | grant_type=client_credential&appid=app&secret=secret+%26+of+this+test | -
            wecom    | /cgi-bin/gettoken     | corpid=app&corpsecret=secret+%26+of+this+test          | -
            dingtalk | /gettoken             | appkey=app&appsecret=secret+%26+of+this+test           | -
            dingtalk | /v1.0/oauth2/accessToken | -                                                   | {"appKey":"app","appSecret":"secret & of this test"}
            dingtalk | /v1.0/oauth2/corp/token | -                                                    | {"client_id":"app","client_secret":"secret & of this test","grant_type":"client_credentials"}
            feishu   | /open-apis/auth/v3/tenant_access_token/internal | -                            | {"app_id":"app","app_secret":"secret & of this test"}
            """)
    void aTokenEndpointIsAskedAsItsPlatformWants(String platform, String path, String query, String body)
            throws Exception {
        start("tokens: " + platform, "tokenUrl: '{{remote}}" + path + "'");
        assertThat(outcome()).isEqualTo(new Outcome.Delivered(200));

        Asked asked = tokenRequest();
        assertThat(asked.path()).isEqualTo(path);
        assertThat(asked.method()).isEqualTo(body == null ? "GET" : "POST");
        assertThat(asked.query()).isEqualTo(query == null ? "" : query);
        assertThat(new String(asked.body(), UTF_8)).isEqualTo(body == null ? "" : body);
        if (body != null) {
            assertThat(asked.headers().get("content-type")).startsWith("application/json");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"access_token":"t-1","expires_in":7200}                                         | tokens: wechat
            {"errcode":0,"errmsg":"ok","access_token":"t-1","expires_in":7200}               | tokens: wecom
            {"accessToken":"t-1","expireIn":7200}                                            | tokens: dingtalk
            {"code":0,"msg":"ok","tenant_access_token":"t-1","expire":7200}                  | tokens: feishu
            {"access_token":"t-1","token_type":"Bearer","expires_in":"7200"}                 | tokenHeader: X-Access-Token
            """)
    void aTokenIsReadUnderThePlatformsNameAndSentWhereItWantsIt(String answer, String option) throws Exception {
        endpoint = number -> Answer.json(answer);
        start(option, "tokenUrl: '{{remote}}/any'");
        assertThat(outcome()).isEqualTo(new Outcome.Delivered(200));

        Asked asked = sent().get(0);
        switch (option) {
            case "tokens: wechat", "tokens: wecom" -> assertThat(asked.query()).isEqualTo("a=%2F&access_token=t-1");
            case "tokens: dingtalk" -> assertThat(asked.headers()).containsEntry("x-acs-dingtalk-access-token", "t-1");
            case "tokens: feishu" -> assertThat(asked.headers()).containsEntry("authorization", "Bearer t-1");
            default -> assertThat(asked.headers()).containsEntry("x-access-token", "t-1");
        }
        if (!asked.query().contains("t-1")) {
            assertThat(asked.query()).isEqualTo("a=%2F");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            200 | {"errcode":40164,"errmsg":"invalid ip 10.0.0.1, not in whitelist"}        | errcode 40164: invalid ip 10.0.0.1, not in whitelist
            200 | {"errcode":40013,"errmsg":"no: secret & of this test"}                    | errcode 40013: no: ***
            200 | {"code":10014,"msg":"app secret invalid"}                                 | code 10014: app secret invalid
            400 | {"code":"invalidClientIdOrSecret","message":"wrong"}                      | HTTP 400 code invalidClientIdOrSecret: wrong
            200 | {"errcode":0,"errmsg":"ok"}                                               | its answer holds no bearer token
            """)
    void aNoOfATokenEndpointIsTheTargetsTroubleAndShown(int status, String answer, String reason) throws Exception {
        endpoint = number -> new Answer(status, Map.of(), answer);
        start("tokens: wechat", "tokenUrl: '{{remote}}/token'");

        assertThat(outcome()).isInstanceOfSatisfying(Outcome.Unreachable.class, down -> assertThat(down.error())
                .startsWith("no access token from " + remote.url("/token") + ": ")
                .endsWith(reason)
                .doesNotContain("secret & of", "appid"));
        assertThat(sent()).isEmpty();
    }

    // ---- One owner per app

    @Test
    void allFlowsOfAnAppShareOneToken() throws Exception {
        String[] options = {"tokens: wechat", "tokenUrl: '{{remote}}/token'"};
        startAll(route("in", options) + route("other", options));
        send("in");
        send("other");

        assertThat(sent())
                .extracting(Asked::query)
                .containsOnly("a=%2F&access_token=canary-1")
                .hasSize(2);
        assertThat(issued).hasValue(1);
    }

    @Test
    void aRestartUsesTheTokenThatTheLedgerKeepsAndNobodyCanReadItThere() throws Exception {
        start("tokens: wechat", "tokenUrl: '{{remote}}/token'");
        assertThat(outcome()).isEqualTo(new Outcome.Delivered(200));
        start("tokens: wechat", "tokenUrl: '{{remote}}/token'");
        assertThat(outcome()).isEqualTo(new Outcome.Delivered(200));

        assertThat(issued).hasValue(1);
        assertThat(sent()).extracting(Asked::query).containsOnly("a=%2F&access_token=canary-1");
        assertThat(runner.ledger().cursors()).isEmpty();
        stop();
        assertThat(bytesOfTheLedger()).contains("serai:token:").doesNotContain("canary-1");
    }

    private String bytesOfTheLedger() throws Exception {
        try (Stream<Path> files = Files.list(data)) {
            List<byte[]> all = new ArrayList<>();
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                all.add(Files.readAllBytes(file));
            }
            return all.stream().map(bytes -> new String(bytes, ISO_8859_1)).collect(Collectors.joining());
        }
    }

    @Test
    void aTokenOfAnotherSecretIsNotUsed() throws Exception {
        start("tokens: wechat", "tokenUrl: '{{remote}}/token'");
        send("in");
        runner.close();
        runner = new KameletRunner(data);
        runner.with(
                        route("in", "tokens: wechat", "tokenUrl: '{{remote}}/token'"),
                        Map.of("remote", remote.url(""), "app.secret", "another secret"))
                .start();

        assertThat(outcome()).isEqualTo(new Outcome.Delivered(200));
        assertThat(issued).hasValue(2);
    }

    @Test
    void manyRefusalsOfOneTokenRenewItOnce() throws Exception {
        start("tokens: wechat", "tokenUrl: '{{remote}}/token'");
        send("in");
        over.add("canary-1");
        ExecutorService senders = Executors.newFixedThreadPool(16);
        try {
            List<Callable<Exchange>> tasks = Collections.nCopies(48, () -> send("in"));
            for (Future<Exchange> result : senders.invokeAll(tasks)) {
                assertThat(result.get().getException()).isNull();
            }
        } finally {
            senders.shutdownNow();
        }

        assertThat(issued).hasValue(2);
    }

    @Test
    void aTargetThatRefusesEveryTokenMakesNoLoopOfRenewals() throws Exception {
        target = asked -> Answer.json("{\"errcode\":40001,\"errmsg\":\"invalid credential " + asked.query() + "\"}");
        start("tokens: wechat", "tokenUrl: '{{remote}}/token'");

        for (int i = 0; i < 20; i++) {
            assertThat(outcome()).isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
                assertThat(failed.outage()).isTrue();
                assertThat(failed.error()).contains("40001", "access_token=***").doesNotContain("canary");
            });
        }
        assertThat(issued.get()).isLessThanOrEqualTo(4); // the next one comes after some seconds
    }

    @Test
    void aTokenThatIsOverIsRecognisedWithoutAnOption() throws Exception {
        start("tokenUrl: '{{remote}}/token'", "tokenQuery: access_token");
        send("in");
        over.add("canary-1");

        assertThat(outcome()).isEqualTo(new Outcome.Delivered(200));
        assertThat(issued).hasValue(2);
    }

    @Test
    void whatElseSaysThatATokenIsOverIsAnOption() throws Exception {
        target = asked -> asked.headers().get("authorization").endsWith("canary-1")
                ? new Answer(403, Map.of(), "{\"error\":17}")
                : Answer.json("{}");
        start("tokenUrl: '{{remote}}/token'", "tokenExpiredWhen: 'status in 403 and .error == 17'");

        assertThat(outcome()).isEqualTo(new Outcome.Delivered(200));
        assertThat(issued).hasValue(2);
    }

    @Test
    void aTokenIsInNoErrorAndNoLogLine() throws Exception {
        try (CapturedLog log = new CapturedLog()) {
            for (String place : List.of("tokenQuery: access_token", "tokenHeader: X-Token")) {
                target = asked -> new Answer(400, Map.of("X-Echo", asked.query()), asked.headers() + asked.query());
                start("tokenUrl: '{{remote}}/token'", place);
                Exchange result = send("in");

                assertThat(result.getException()).hasMessageContaining("/send");
                assertThat(new OutcomeReader(Clock.systemUTC()).of(result).toString())
                        .doesNotContain("canary");
                assertThat(result.getException().toString()).doesNotContain("canary");
            }
            assertThat(String.join("\n", log.lines())).doesNotContain("canary", SECRET);
        }
    }

    @Test
    void whatATargetRepeatsOfATokenGoesNoFurther() throws Exception {
        target = asked -> Answer.json("{\"errcode\":0,\"seen\":\"" + asked.query() + "\"}");
        start("tokens: wechat", "tokenUrl: '{{remote}}/token'");

        assertThat(send("in").getMessage().getBody(String.class)).contains("access_token=***");
    }

    // ---- OAuth 2

    @Test
    void theSecretGoesIntoTheBodyWithTheAudience() throws Exception {
        start("tokenUrl: '{{remote}}/token'", "clientAuth: body", "audience: https://api.example/", "scope: a b");
        assertThat(outcome()).isEqualTo(new Outcome.Delivered(200));

        assertThat(tokenRequest().headers()).doesNotContainKey("authorization");
        assertThat(new String(tokenRequest().body(), UTF_8))
                .isEqualTo("grant_type=client_credentials&scope=a+b&audience=https%3A%2F%2Fapi.example%2F"
                        + "&client_id=app&client_secret=secret+%26+of+this+test");
    }

    @Test
    void aRefreshTokenIsUsedAndTheOneAfterItIsKept() throws Exception {
        endpoint = number -> Answer.json("{\"access_token\":\"canary-" + number
                + "\",\"token_type\":\"bearer\",\"expires_in\":1,\"refresh_token\":\"refresh-" + number + "\"}");
        String[] options = {"tokenUrl: '{{remote}}/token'", "refreshToken: refresh-0"};
        start(options);
        assertThat(outcome()).isEqualTo(new Outcome.Delivered(200));
        int before = issued.get();
        start(options);
        Awaitility.await().until(() -> {
            assertThat(outcome()).isEqualTo(new Outcome.Delivered(200));
            return issued.get() > before;
        });

        List<String> forms = remote.asked.stream()
                .filter(asked -> asked.path().equals("/token"))
                .map(asked -> new String(asked.body(), UTF_8))
                .toList();
        for (int i = 0; i < forms.size(); i++) {
            assertThat(forms.get(i)).isEqualTo("grant_type=refresh_token&refresh_token=refresh-" + i);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            tokens: slack                                     | tokens must be one of oauth, wechat, wecom, dingtalk, feishu
            tokenQuery: access_token                          | need tokenUrl or tokens
            {tokens: feishu, scope: a}                        | are of OAuth 2
            {tokens: feishu, tokenQuery: a, tokenHeader: b}   | set tokenHeader or tokenQuery
            {tokens: feishu, tokenUrl: 'ftp://x/y'}           | tokenUrl is not an http or https address
            """)
    void optionsThatDoNotGoTogetherAreRefusedAtTheStart(String options, String message) {
        String lines = options.replaceAll("[{}]", "").replace(", ", "\n");
        assertThatThrownBy(() -> start(lines.split("\n"))).hasStackTraceContaining(message);
    }
}
