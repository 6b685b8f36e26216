package dev.serai.connector.http;

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
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** http-sink with OAuth 2 client credentials, against a token endpoint and a target on one server. */
class HttpSinkOAuthTest {
    private static final String CLIENT_SECRET = "secret of this test & + % ä";
    private static final String ROUTE = """
            - route:
                from:
                  uri: direct:in
                  steps:
                    - to:
                        uri: kamelet:http-sink
                        parameters:
                          url: "{{remote}}/in"
                          timeout: "{{timeout:15s}}"
                          tokenUrl: "{{remote}}/token?tenant=t-1"
                          clientId: "the client"
                          clientSecret: "{{client.secret}}"
                          scope: "orders:write x"
            """;
    private static final byte[] BODY = "{\"a\":1}".getBytes(UTF_8);

    @TempDir
    private Path data;

    @AutoClose
    private final KameletRunner runner = new KameletRunner(() -> data);

    private final AtomicInteger issued = new AtomicInteger();
    private final Set<String> revoked = ConcurrentHashMap.newKeySet();
    private volatile Answer tokenAnswer;
    private volatile String expiresIn = "3600";

    @AutoClose
    private final RemoteSide remote = new RemoteSide(this::answer);

    private Answer answer(Asked asked) {
        if (asked.path().equals("/token")) {
            return tokenAnswer != null
                    ? tokenAnswer
                    : Answer.json("{\"access_token\":\"token-" + issued.incrementAndGet()
                            + "\",\"token_type\":\"Bearer\",\"expires_in\":" + expiresIn + "}");
        }
        String authorization = asked.headers().getOrDefault("authorization", "");
        boolean valid = authorization.startsWith("Bearer token-") && !revoked.contains(authorization.substring(7));
        return valid ? Answer.json("{}") : Answer.status(401);
    }

    private void start(Map<String, String> more) throws Exception {
        runner.with(ROUTE, Map.of("remote", remote.url(""), "client.secret", CLIENT_SECRET));
        more.forEach(runner.context.getPropertiesComponent()::addOverrideProperty);
        runner.start();
    }

    private Exchange send() {
        return runner.send("direct:in", BODY, Map.of("Content-Type", "application/json"));
    }

    private List<Asked> asked(String path) {
        return remote.asked.stream().filter(asked -> asked.path().equals(path)).toList();
    }

    private static Outcome outcome(Exchange result) {
        return new OutcomeReader(Clock.systemUTC()).of(result);
    }

    @Test
    void aTokenIsFetchedAsInTheStandardAndSentWithEachDelivery() throws Exception {
        start(Map.of());
        assertThat(send().getException()).isNull();
        assertThat(send().getException()).isNull();

        assertThat(asked("/token")).singleElement().satisfies(asked -> {
            assertThat(asked.method()).isEqualTo("POST");
            assertThat(asked.query()).isEqualTo("tenant=t-1");
            assertThat(asked.headers().get("content-type")).startsWith("application/x-www-form-urlencoded");
            assertThat(new String(asked.body(), UTF_8))
                    .isEqualTo("grant_type=client_credentials&scope=orders%3Awrite+x");
            String basic = asked.headers().get("authorization").substring("Basic ".length());
            assertThat(new String(Base64.getDecoder().decode(basic), UTF_8))
                    .isEqualTo("the+client:secret+of+this+test+%26+%2B+%25+%C3%A4");
        });
        assertThat(asked("/in")).hasSize(2).allSatisfy(asked -> {
            assertThat(asked.headers()).containsEntry("authorization", "Bearer token-1");
            assertThat(asked.body()).isEqualTo(BODY);
        });
    }

    @Test
    void aTokenThatTheTargetRefusesIsReplacedOnceAndTheDeliverySucceeds() throws Exception {
        start(Map.of());
        send();
        revoked.add("token-1");
        assertThat(send().getException()).isNull();
        assertThat(asked("/token")).hasSize(2);
        assertThat(asked("/in"))
                .extracting(asked -> asked.headers().get("authorization"))
                .containsExactly("Bearer token-1", "Bearer token-1", "Bearer token-2");
        assertThat(asked("/in")).allSatisfy(asked -> assertThat(asked.body()).isEqualTo(BODY));

        revoked.addAll(List.of("token-2", "token-3"));
        assertThat(outcome(send())).isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
            assertThat(failed.status()).isEqualTo(401);
            assertThat(failed.outage()).isTrue();
        });
        assertThat(asked("/token")).hasSize(3);
    }

    @Test
    void aTokenIsRenewedBeforeItExpires() throws Exception {
        expiresIn = "1";
        start(Map.of());
        Awaitility.await().until(() -> {
            assertThat(send().getException()).isNull();
            return issued.get() == 2;
        });
        assertThat(asked("/in")).first().satisfies(first -> assertThat(first.headers())
                .containsEntry("authorization", "Bearer token-1"));
        assertThat(asked("/in")).last().satisfies(last -> assertThat(last.headers())
                .containsEntry("authorization", "Bearer token-2"));
    }

    @Test
    void concurrentDeliveriesFetchOneToken() throws Exception {
        start(Map.of());
        ExecutorService senders = Executors.newFixedThreadPool(32);
        try {
            CountDownLatch go = new CountDownLatch(1);
            List<Callable<Exchange>> tasks = Collections.nCopies(100, () -> {
                go.await();
                return send();
            });
            var results = new ArrayList<Future<Exchange>>();
            tasks.forEach(task -> results.add(senders.submit(task)));
            go.countDown();
            for (var result : results) {
                assertThat(result.get().getException()).isNull();
            }
        } finally {
            senders.shutdownNow();
        }
        assertThat(asked("/token")).hasSize(1);
        assertThat(asked("/in")).hasSize(100);
    }

    @Test
    void withoutATokenTheTargetIsDownAndNothingIsSent() throws Exception {
        start(Map.of());
        for (Answer failing : List.of(
                Answer.status(503),
                new Answer(401, Map.of(), "{\"error\":\"invalid_client\"}"),
                Answer.json("no json"),
                Answer.json("{\"access_token\":\"bad\\r\\ntoken\",\"token_type\":\"bearer\"}"),
                Answer.json("{\"access_token\":\"a\",\"token_type\":\"mac\"}"))) {
            tokenAnswer = failing;
            assertThat(outcome(send()))
                    .as(failing.toString())
                    .isInstanceOfSatisfying(Outcome.Unreachable.class, down -> assertThat(down.error())
                            .startsWith("no access token from " + remote.url("/token") + ": ")
                            .doesNotContain("tenant", "secret", "Basic", "\r"));
        }
        assertThat(asked("/in")).isEmpty();

        tokenAnswer = null;
        assertThat(send().getException()).isNull();
    }

    @Test
    void aWrongSecretIsReportedWithTheServersError() throws Exception {
        start(Map.of());
        tokenAnswer = new Answer(
                401, Map.of(), "{\"error\":\"invalid_client\",\"error_description\":\"" + CLIENT_SECRET + "\"}");
        assertThat(outcome(send())).isInstanceOfSatisfying(Outcome.Unreachable.class, down -> assertThat(down.error())
                .endsWith("HTTP 401 invalid_client: check clientId, clientSecret and scope"));
    }

    @Test
    void aTokenEndpointThatNeverAnswersTimesOut() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        try (RemoteSide slow = new RemoteSide(asked -> {
            try {
                held.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return Answer.status(500);
        })) {
            runner.with(
                            ROUTE.replace("{{remote}}/token", slow.url("/token")),
                            Map.of("remote", remote.url(""), "client.secret", CLIENT_SECRET, "timeout", "300ms"))
                    .start();
            assertThat(outcome(send()))
                    .isInstanceOfSatisfying(Outcome.Unreachable.class, down -> assertThat(down.error())
                            .contains("no complete answer within 300 ms"));
        } finally {
            held.countDown();
        }
    }

    @Test
    void noLogContainsASecretOrAToken() throws Exception {
        try (CapturedLog log = new CapturedLog()) {
            start(Map.of());
            send();
            revoked.addAll(List.of("token-1", "token-2"));
            send();
            tokenAnswer = Answer.status(400);
            send();
            assertThat(String.join("\n", log.lines()))
                    .doesNotContain("secret of this test", "secret+of", "token-1", "token-2", "Basic ");
        }
    }

    @Test
    void incompleteOptionsAreRefusedAtTheStart() {
        String without = ROUTE.replaceAll("(?m)^.*clientSecret.*\\n", "");
        assertThatThrownBy(() ->
                        runner.with(without, Map.of("remote", remote.url(""))).start())
                .hasStackTraceContaining("tokenUrl needs clientId and clientSecret too");
    }

    @Test
    void aSecretWithoutAnEndpointIsRefusedAtTheStart() {
        String without = ROUTE.replaceAll("(?m)^.*tokenUrl.*\\n", "");
        assertThatThrownBy(() -> runner.with(without, Map.of("remote", remote.url(""), "client.secret", "x"))
                        .start())
                .hasStackTraceContaining("need tokenUrl");
    }
}
