package dev.serai.connector.http.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.serai.connector.pull.PullException;
import dev.serai.connector.pull.PullTime;
import dev.serai.support.CapturedLog;
import dev.serai.support.KameletRunner;
import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import dev.serai.support.RemoteSide.Asked;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.message.BasicClassicHttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How often a source is asked, and that it may say that nothing is new. */
class HttpPullPaceTest {
    private static final String ROUTE = """
            - route:
                id: rows-in
                from:
                  uri: kamelet:http-pull-source
                  parameters:
                    interval: 50ms
                    records: .items
                    url: "{{remote}}%s"
            %s
                  steps:
                    - to:
                        uri: ledger:rows
                        parameters: { batch: true, key: "${jq(.id)}" }
            """;

    @TempDir
    private Path data;

    private volatile Function<Asked, Answer> api = asked -> Answer.status(500);
    private final RemoteSide remote = new RemoteSide(asked -> api.apply(asked));
    private KameletRunner runner;

    @AfterEach
    void stop() {
        if (runner != null) {
            runner.close();
        }
        remote.close();
    }

    private void start(String path, String parameters) throws Exception {
        runner = new KameletRunner(data);
        runner.with(ROUTE.formatted(path, parameters.indent(8).stripTrailing()), Map.of("remote", remote.url("")))
                .start();
    }

    private List<String> accepted() {
        return runner.accepted("rows").stream()
                .map(entry -> entry.change().key())
                .sorted()
                .toList();
    }

    private static Answer rows(Map<String, String> headers, String id) {
        return new Answer(200, headers, "{\"items\":[{\"id\":\"" + id + "\"}]}");
    }

    // ---- Nothing new

    @Test
    void aSourceThatHasNotChangedEndsTheRunQuietlyAndAChangeIsRead() throws Exception {
        List<String> tag = new CopyOnWriteArrayList<>(List.of("\"one\""));
        api = asked -> tag.get(0).equals(asked.headers().get("if-none-match"))
                ? new Answer(304, Map.of("ETag", tag.get(0)), "")
                : rows(Map.of("ETag", tag.get(0)), tag.get(0).replace("\"", ""));
        try (CapturedLog log = new CapturedLog(HttpPullSource.class)) {
            start("/rows", "");
            await().until(() -> remote.asked.size() >= 4);
            assertThat(accepted()).containsExactly("one");
            assertThat(remote.asked.get(0).headers()).doesNotContainKey("if-none-match");
            assertThat(remote.asked.get(2).headers()).containsEntry("if-none-match", "\"one\"");

            tag.set(0, "\"two\"");
            await().until(() -> accepted().equals(List.of("one", "two")));
            assertThat(log.lines()).isEmpty();
        }
    }

    @Test
    void aDateOfTheLastChangeIsAsked() throws Exception {
        String modified = "Thu, 01 Jan 2026 10:00:00 GMT";
        api = asked -> modified.equals(asked.headers().get("if-modified-since"))
                ? new Answer(304, Map.of(), "")
                : rows(Map.of("Last-Modified", modified), "a");
        start("/rows", "");
        await().until(() -> remote.asked.size() >= 3);

        assertThat(remote.asked.stream().limit(3).map(asked -> asked.headers().containsKey("if-modified-since")))
                .containsExactly(false, true, true);
    }

    @ParameterizedTest
    @CsvSource({"10:00:59,false", "10:01:00,true", ",false"})
    void aDateOfTheLastChangeIsUsedOnceItIsAMinuteOld(String sent, boolean isUsed) throws Exception {
        HttpPullPlace place = new HttpPullPlace(
                URI.create("http://127.0.0.1/"),
                null,
                HttpPullValues.ofItem("", Instant.EPOCH, new PullTime(null, null)),
                1,
                0);
        ClassicHttpResponse response = new BasicClassicHttpResponse(200);
        response.addHeader("Last-Modified", "Thu, 01 Jan 2026 10:00:00 GMT");
        if (sent != null) {
            response.addHeader("Date", "Thu, 01 Jan 2026 " + sent + " GMT");
        }
        HttpPullCondition condition = new HttpPullCondition();
        try (HttpPullAnswer answer = HttpPullAnswer.of(response, new HttpUriRequestBase("GET", place.at()))) {
            condition.remember(place, answer);
        }
        assertThat(condition.headers(place).containsKey("If-Modified-Since")).isEqualTo(isUsed);
    }

    @Test
    void aFirstPageThatIsTheSameDoesNotHideTheOthers() throws Exception {
        api = asked -> asked.headers().containsKey("if-none-match")
                ? Answer.status(304)
                : asked.parameter("page").equals("1")
                        ? rows(Map.of("ETag", "\"one\""), "a")
                        : asked.parameter("page").equals("2")
                                ? rows(Map.of("ETag", "\"one\""), "b" + remote.asked.size() / 6)
                                : new Answer(204, Map.of(), "");
        start("/rows?page={page}", "");

        await().until(() -> accepted().size() >= 4);
        assertThat(remote.asked).noneMatch(asked -> asked.headers().containsKey("if-none-match"));
    }

    @Test
    void anAnswerThatWasNotAcceptedIsAskedForAgainAsAWhole() throws Exception {
        api = asked -> remote.asked.size() < 3
                ? new Answer(200, Map.of("ETag", "\"one\""), "{\"items\":[{\"id\":\"a\"}]} x")
                : asked.headers().containsKey("if-none-match")
                        ? new Answer(304, Map.of("ETag", "\"one\""), "")
                        : rows(Map.of("ETag", "\"one\""), "a");
        start("/rows", "");

        await().until(() -> accepted().equals(List.of("a")));
        assertThat(remote.asked.get(2).headers()).doesNotContainKey("if-none-match");
    }

    @Test
    void anUnaskedAnswerThatNothingIsNewIsAFailure() throws Exception {
        api = asked -> new Answer(304, Map.of(), "");
        try (CapturedLog log = new CapturedLog(HttpPullSource.class)) {
            start("/rows", "");
            await().until(() -> log.lines().stream().anyMatch(line -> line.contains("304")));
        }
    }

    // ---- Pace

    @Test
    void aStopEndsTheWaitForTheNextRequest() throws Exception {
        api = asked -> rows(Map.of(), asked.parameter("page"));
        start("/rows?page={page}", "pageDelay: 1h\nrate: 0.001");
        await().until(() -> accepted().equals(List.of("1")));

        try (CapturedLog log = new CapturedLog(HttpPullSource.class)) {
            runner.context.getShutdownStrategy().setTimeout(3600);
            runner.close();
            runner = null;
            assertThat(log.lines()).isEmpty();
        }
        assertThat(remote.asked).hasSize(1);
    }

    @Test
    void requestsWaitForTheRateAndPagesForTheDelay() {
        AtomicLong nanos = new AtomicLong();
        HttpPullPace pace = new HttpPullPace(Duration.ofMillis(50), Duration.ofMillis(100), nanos::get);
        assertThat(pace.waitMillis(true)).isZero();
        pace.asked();
        assertThat(pace.waitMillis(false)).isEqualTo(51);
        nanos.addAndGet(Duration.ofMillis(20).toNanos());
        assertThat(pace.waitMillis(false)).isEqualTo(31);

        pace.answered();
        assertThat(pace.waitMillis(false)).isEqualTo(101);
        assertThat(pace.waitMillis(true))
                .as("a run's first page waits for the rate")
                .isEqualTo(31);
        nanos.addAndGet(Duration.ofMillis(100).toNanos());
        assertThat(pace.waitMillis(false)).isZero();
    }

    @Test
    void theRateIsATimeBetweenRequests() {
        HttpPullPagingOptions options = new HttpPullPagingOptions();
        options.setRate("0.5");
        HttpPullPace pace = options.pace();
        pace.asked();
        assertThat(pace.waitMillis(false)).isBetween(1L, 2_001L);
    }

    @Test
    void aWaitThatIsStoppedIsNotARequest() throws Exception {
        HttpPullPace pace = new HttpPullPace(Duration.ofHours(1), Duration.ZERO);
        pace.begin();
        pace.await(true);
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            Future<?> waiting = thread.submit(() -> {
                pace.await(true);
                return null;
            });
            pace.stop();
            assertThatThrownBy(() -> waiting.get(120, TimeUnit.SECONDS)).hasCauseInstanceOf(PullException.class);
        } finally {
            thread.shutdownNow();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "fast", "NaN"})
    void aRateThatIsNoneIsRefused(String rate) {
        assertThatThrownBy(() -> new HttpPullPagingOptions().setRate(rate))
                .hasMessageContaining("rate must be a number of requests per second above zero");
    }
}
