package dev.serai.connector.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.serai.ledger.delivery.TargetStatus;
import dev.serai.ledger.delivery.Trouble;
import dev.serai.ledger.model.Attempt;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Entry;
import dev.serai.support.KameletRunner;
import dev.serai.support.Patience;
import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import dev.serai.support.RemoteSide.Asked;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A target that is asked whether a change arrived, before it is sent again. */
class HttpSinkConfirmTest {
    private static final String ROUTES = """
            - route:
                from:
                  uri: direct:in
                  steps:
                    - to:
                        uri: ledger:orders
                        parameters: { id: "${header.id}", key: "${header.key}", version: "${header.version}" }
            - route:
                from:
                  uri: ledger:orders
                  parameters: { target: platform, redeliveryDelay: 50ms }
                  steps:
                    - to:
                        uri: kamelet:http-sink
                        parameters: { url: "{{remote}}/in", timeout: "{{timeout:15s}}", headers: "X-Api-Key=secret", confirm: "{{confirm}}" }
            """;

    @TempDir
    private Path data;

    private KameletRunner runner;
    private final CountDownLatch release = new CountDownLatch(1);
    /** The statuses of the next answers, 200 when there are none; 0 is none at all. */
    private final Queue<Integer> sent = new ArrayDeque<>();

    private final Queue<Integer> asked = new ArrayDeque<>();
    private volatile Integer alwaysAnswered;
    private RemoteSide remote;

    @BeforeEach
    void prepare() {
        runner = new KameletRunner(data);
        remote = new RemoteSide(this::answer);
    }

    @AfterEach
    void stop() {
        release.countDown();
        runner.close();
        remote.close();
    }

    private synchronized Integer next(Queue<Integer> statuses) {
        return statuses.poll();
    }

    private Answer answer(Asked request) {
        boolean isQuestion = request.method().equals("GET");
        Integer status = isQuestion && alwaysAnswered != null ? alwaysAnswered : next(isQuestion ? asked : sent);
        if (status != null && status == 0) {
            try {
                release.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return status == null ? Answer.json("{}") : Answer.status(status);
    }

    private void start(Map<String, String> more) throws Exception {
        Map<String, String> properties =
                new HashMap<>(Map.of("remote", remote.url(""), "confirm", remote.url("/by-id/{id}?v={version}")));
        properties.putAll(more);
        runner.with(ROUTES, properties).start();
    }

    private void accept() {
        runner.sendOk("direct:in", "{}", Map.of("id", "pay/1", "key", "k 1", "version", "7"));
    }

    private List<String> requests() {
        return remote.asked.stream()
                .map(request -> request.method() + " " + request.path()
                        + (request.query().isEmpty() ? "" : "?" + request.query()))
                .toList();
    }

    private Delivery delivery() {
        return runner.ledger().deliveries(runner.onlyAccepted("orders")).get(0);
    }

    private void awaitDelivered() {
        await().until(() -> delivery().state() == DeliveryState.DELIVERED);
    }

    private List<Attempt> attempts() {
        Entry entry = runner.onlyAccepted("orders");
        return runner.ledger().attempts(entry.sequence());
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 503, 429})
    void whatArrivedBeforeIsNotSentAgain(int status) throws Exception {
        sent.add(status);
        start(Map.of());
        accept();
        awaitDelivered();
        assertThat(requests()).containsExactly("POST /in", "GET /by-id/pay%2F1?v=7");
        assertThat(remote.asked.get(1).headers()).containsEntry("x-api-key", "secret");
        assertThat(attempts())
                .extracting(Attempt::error)
                .last()
                .asString()
                .startsWith("it had arrived before: GET http://127.0.0.1")
                .endsWith("/by-id/pay%2F1?v=7 answered 200");
    }

    @ParameterizedTest
    @ValueSource(ints = {404, 410})
    void whatDidNotArriveIsSentAgain(int absent) throws Exception {
        sent.add(500);
        asked.add(absent);
        start(Map.of());
        accept();
        awaitDelivered();
        assertThat(requests()).containsExactly("POST /in", "GET /by-id/pay%2F1?v=7", "POST /in");
        assertThat(delivery().error()).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 403, 302})
    void whileNobodyKnowsItIsAskedAgainAndNothingIsSent(int unknown) throws Exception {
        sent.add(500);
        alwaysAnswered = unknown;
        start(Map.of());
        accept();
        await().untilAsserted(() -> assertThat(status().trouble())
                .isNotNull()
                .extracting(Trouble::reason)
                .asString()
                .startsWith("nobody knows whether it arrived before: GET " + remote.url("/by-id/pay%2F1"))
                .endsWith(" answered " + unknown));
        await().until(() -> remote.asked.size() > 2);
        alwaysAnswered = null;
        awaitDelivered();
        assertThat(requests().stream().filter("POST /in"::equals)).hasSize(1);
    }

    private TargetStatus status() {
        return runner.ledger().flows().get(0).targets().get(0);
    }

    @Test
    void afterATimeOutItIsAsked() throws Exception {
        sent.add(0);
        start(Map.of("timeout", "500ms"));
        accept();
        awaitDelivered();
        assertThat(requests()).containsExactly("POST /in", "GET /by-id/pay%2F1?v=7");
    }

    @Test
    void aFirstAttemptAsksNothing() throws Exception {
        start(Map.of());
        accept();
        awaitDelivered();
        assertThat(requests()).containsExactly("POST /in");
    }

    @Test
    void whatWasUnderWayWhenTheNodeEndedIsAskedFor() throws Exception {
        sent.add(0);
        start(Map.of());
        accept();
        await().atMost(Patience.MAX).until(() -> remote.asked.size() == 1);
        runner.close();
        release.countDown();

        runner = new KameletRunner(data);
        start(Map.of());
        awaitDelivered();
        assertThat(requests()).containsExactly("POST /in", "GET /by-id/pay%2F1?v=7");
        accept(); // the same id: a duplicate
        runner.sendOk("direct:in", "{}", Map.of("id", "pay/2", "key", "k 2", "version", "1"));
        await().until(() -> remote.asked.size() == 3);
        assertThat(requests()).last().isEqualTo("POST /in");
    }

    private static final String ASKED = """
            - route:
                from:
                  uri: direct:asked
                  steps:
                    - log: "asked for ${header.CamelLedgerKey} ${header.CamelLedgerId} ${header.CamelLedgerVersion}, ${body}"
                    - toD: "{{remote}}/paid/${header.CamelLedgerKey.replace(' ', '-')}?httpMethod=GET&throwExceptionOnFailure=false"
                    - choice:
                        when:
                          - simple: ${header.CamelHttpResponseCode} == 500
                            steps:
                              - throwException: { exceptionType: java.lang.IllegalStateException, message: the books are closed }
                          - simple: ${header.CamelHttpResponseCode} == 202
                            steps:
                              - setBody: { constant: perhaps }
                        otherwise:
                          steps:
                            - setBody: { simple: "${iif(${header.CamelHttpResponseCode} == 200,true,false)}" }
            """;

    private void startWithRoute() throws Exception {
        runner.with(ROUTES + ASKED, Map.of("remote", remote.url(""), "confirm", "direct:asked"))
                .start();
    }

    @Test
    void aRouteSaysThatItHadArrived() throws Exception {
        sent.add(500);
        startWithRoute();
        accept();
        awaitDelivered();
        assertThat(requests()).containsExactly("POST /in", "GET /paid/k-1");
        assertThat(attempts())
                .extracting(Attempt::error)
                .last()
                .isEqualTo("it had arrived before: direct:asked answered true");
    }

    @Test
    void aRouteSaysThatItDidNotArrive() throws Exception {
        sent.add(500);
        asked.add(404);
        startWithRoute();
        accept();
        awaitDelivered();
        assertThat(requests()).containsExactly("POST /in", "GET /paid/k-1", "POST /in");
        assertThat(remote.asked.get(2).headers()).containsEntry("idempotency-key", "pay/1");
    }

    @ParameterizedTest
    @CsvSource({"500, failed: the books are closed", "202, answered neither true nor false"})
    void whileARouteDoesNotKnowNothingIsSent(int unknown, String reason) throws Exception {
        sent.add(500);
        alwaysAnswered = unknown;
        startWithRoute();
        accept();
        await().untilAsserted(() -> assertThat(status().trouble())
                .isNotNull()
                .extracting(Trouble::reason)
                .isEqualTo("nobody knows whether it arrived before: direct:asked " + reason));
        await().until(() -> remote.asked.size() > 2);
        alwaysAnswered = null;
        awaitDelivered();
        assertThat(requests().stream().filter("POST /in"::equals)).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "direct:, confirm names no route",
        "http://other.example/{id}, confirm must be on the server of url",
        "'{{remote}}/all', confirm needs {id}",
        "'ftp://h/{id}', 'confirm: {id} can only stand in'",
        "'http://{id}/x', can only stand in the path or the query"
    })
    void anAddressThatAsksForNoChangeOfTheTargetIsRefused(String confirm, String message) {
        assertThatThrownBy(() -> start(Map.of("confirm", confirm.replace("{{remote}}", remote.url("")))))
                .hasStackTraceContaining(message);
    }

    @Test
    void aBatchCannotBeAskedFor() throws Exception {
        String batch = ROUTES.replace("target: platform,", "target: platform, batchSize: 5,");
        runner.with(batch, Map.of("remote", remote.url(""), "confirm", remote.url("/by-id/{id}")))
                .start();
        accept();
        await().until(() -> !attempts().isEmpty());
        assertThat(attempts().get(0).error()).contains("or with confirm");
        assertThat(remote.asked).isEmpty();
    }
}
