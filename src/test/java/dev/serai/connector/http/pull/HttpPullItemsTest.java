package dev.serai.connector.http.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.serai.ledger.model.LedgerException;
import dev.serai.support.CapturedLog;
import dev.serai.support.KameletRunner;
import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import dev.serai.support.RemoteSide.Asked;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.camel.Processor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A pull with items. */
class HttpPullItemsTest {
    private static final String ROUTE = """
            - route:
                id: pending
                from:
                  uri: direct:pending
                  steps:
                    - process: { ref: pending }
            - route:
                id: payments-in
                from:
                  uri: kamelet:http-pull-source
                  parameters:
                    interval: 100ms
                    records: '[select(.paid)]'
                    items: direct:pending
                    url: '{{remote}}%s'
                  steps:
                    - process: { ref: probe }
                    - to:
                        uri: ledger:payments
                        parameters: { batch: true, key: "${jq(.order)}", version: "${jq(.at)}" }
            """;

    @TempDir
    private Path data;

    private volatile Object pending = List.of();
    private volatile Consumer<String> probe = body -> {};
    private volatile Function<Asked, Answer> api = HttpPullItemsTest::paid;
    private final RemoteSide remote = new RemoteSide(asked -> api.apply(asked));
    private KameletRunner runner;

    @AfterEach
    void stop() {
        if (runner != null) {
            runner.close();
        }
        remote.close();
    }

    private void start(String path) throws Exception {
        runner = new KameletRunner(data);
        runner.context.getRegistry().bind("pending", (Processor)
                exchange -> exchange.getMessage().setBody(pending));
        runner.context.getRegistry().bind("probe", (Processor)
                exchange -> probe.accept(exchange.getMessage().getBody(String.class)));
        runner.with(ROUTE.formatted(path), Map.of("remote", remote.url(""))).start();
    }

    private static Answer paid(Asked asked) {
        return Answer.json("{\"order\":\"" + asked.path().replace("/orders/", "") + "\",\"at\":1,\"paid\":true}");
    }

    private List<String> accepted() {
        return runner.accepted("payments").stream()
                .map(entry -> entry.change().key())
                .sorted()
                .toList();
    }

    private List<String> asked() {
        return remote.asked.stream()
                .map(asked -> asked.path() + (asked.query().isEmpty() ? "" : "?" + asked.query()))
                .toList();
    }

    /** The number of runs that began after this call and have ended. */
    private void awaitRuns(int count) {
        int before = remote.asked.size();
        await().until(() -> remote.asked.size() > before + count * ((List<?>) pending).size());
    }

    @Test
    void eachItemIsRequestedOncePerRunAndUnknownOnesAreSkipped() throws Exception {
        pending = Arrays.asList("A-1", "A-2", "A-1", 3, Map.of("id", "A-4"), "A-5", " ", null);
        api = asked -> switch (asked.path()) {
            case "/orders/A-2" -> Answer.status(404);
            case "/orders/A-5" -> Answer.json("{\"order\":\"A-5\",\"paid\":false}");
            default -> paid(asked);
        };
        try (var log = new CapturedLog(HttpPullSource.class)) {
            start("/orders/{item}");
            awaitRuns(1);

            assertThat(accepted()).containsExactly("3", "A-1", "A-4");
            assertThat(asked().subList(0, 6))
                    .containsExactly(
                            "/orders/A-1", "/orders/A-2", "/orders/3", "/orders/A-4", "/orders/A-5", "/orders/A-1");
            assertThat(log.lines()).isEmpty();
        }
    }

    @Test
    void aFailingItemDoesNotBlockTheOthers() throws Exception {
        pending = List.of("A-1", "A-2", "A-3", "A-4");
        api = asked -> switch (asked.path()) {
            case "/orders/A-1" -> Answer.status(403);
            case "/orders/A-3" -> Answer.json("{\"order\"");
            default -> paid(asked);
        };
        try (var log = new CapturedLog(HttpPullSource.class)) {
            start("/orders/{item}");
            await().untilAsserted(() -> assertThat(accepted()).containsExactly("A-2", "A-4"));
            awaitRuns(3);

            assertThat(log.lines())
                    .singleElement()
                    .asString()
                    .startsWith("WARN Pull payments-in: items were left out of this run: 2, the first at")
                    .contains("/orders/A-1", "403");
        }
    }

    @Test
    void anItemThatTheRouteRefusesSkipsNoOther() throws Exception {
        pending = List.of("A-1", "A-2", "A-3", "A-4");
        probe = body -> {
            if (body.contains("A-2")) {
                throw new IllegalStateException("mapping failed");
            }
        };
        start("/orders/{item}");
        awaitRuns(1);

        assertThat(accepted()).containsExactly("A-1", "A-3", "A-4");
        assertThat(asked().subList(0, 4)).containsExactly("/orders/A-1", "/orders/A-2", "/orders/A-3", "/orders/A-4");
    }

    @Test
    void anItemIsRequestedAgainWhileTheLedgerIsOverloaded() throws Exception {
        pending = List.of("A-1", "A-2", "A-3");
        AtomicInteger refused = new AtomicInteger();
        probe = body -> {
            if (body.contains("A-2") && refused.incrementAndGet() == 1) {
                throw new LedgerException.Overloaded("full", Duration.ofSeconds(1));
            }
        };
        start("/orders/{item}");
        awaitRuns(1);

        assertThat(asked().subList(0, 4)).containsExactly("/orders/A-1", "/orders/A-2", "/orders/A-2", "/orders/A-3");
    }

    @Test
    void aSourceThatRefusesEverythingEndsTheRun() throws Exception {
        pending = IntStream.range(0, 1000).mapToObj(String::valueOf).toList();
        api = asked -> Answer.status(401);
        try (var log = new CapturedLog(HttpPullSource.class)) {
            start("/orders/{item}");
            await().until(() -> log.lines().stream().anyMatch(line -> line.contains("the run ends")));

            assertThat(asked().subList(0, 10)).doesNotHaveDuplicates();
            assertThat(log.lines().get(0))
                    .startsWith(
                            "WARN Pull payments-in: the run ends, since 10 items in a row have failed, the last with:")
                    .contains("401");
            awaitMore(10);
            assertThat(asked()).contains("/orders/9").doesNotContain("/orders/10");
        }
    }

    private void awaitMore(int requests) {
        int before = remote.asked.size();
        await().until(() -> remote.asked.size() >= before + requests);
    }

    @Test
    void aBusySourceIsWaitedFor() throws Exception {
        pending = List.of("A-1", "A-2");
        List<String> refused = new ArrayList<>();
        api = asked -> {
            if (asked.path().equals("/orders/A-1") && refused.size() < 2) {
                refused.add(asked.path());
                return new Answer(429, Map.of("Retry-After", "0"), "later");
            }
            return paid(asked);
        };
        start("/orders/{item}");

        await().untilAsserted(() -> assertThat(accepted()).containsExactly("A-1", "A-2"));
        assertThat(asked().subList(0, 4)).containsExactly("/orders/A-1", "/orders/A-1", "/orders/A-1", "/orders/A-2");
    }

    @Test
    void anItemStaysInItsPlaceInTheAddress() throws Exception {
        pending = List.of("a/../b?x=1&y=#", "微 信", "..", "\",\"app\":\"x", "back\\slash", "line\nbreak");
        api = asked -> Answer.json("{}");
        try (var log = new CapturedLog(HttpPullItems.class)) {
            start("/query/{item}?biz={\"no\":\"{item}\"}&all=a|b");
            await().until(() -> remote.asked.size() >= 3);

            assertThat(asked().subList(0, 2))
                    .containsExactly(
                            "/query/a%2F..%2Fb%3Fx%3D1%26y%3D%23?biz=%7B%22no%22%3A%22a%2F..%2Fb%3Fx%3D1%26y%3D%23%22%7D&all=a%7Cb"
                                    .replace("%3A", ":"),
                            "/query/%E5%BE%AE%20%E4%BF%A1?biz=%7B%22no%22:%22%E5%BE%AE%20%E4%BF%A1%22%7D&all=a%7Cb");
            assertThat(asked().get(2)).isEqualTo(asked().get(0));
            assertThat(log.lines().get(0)).startsWith("WARN 4 items cannot be asked for, the first is ..: ");
        }
    }

    @Test
    void aListThatCannotBeReadIsReadAgainByTheNextRun() throws Exception {
        pending = "no list";
        try (var log = new CapturedLog(HttpPullSource.class)) {
            start("/orders/{item}");
            await().until(() -> !log.lines().isEmpty());
            assertThat(log.lines().get(0))
                    .isEqualTo("WARN Pull payments-in: items is not a list: the endpoint answers with a String");
            assertThat(remote.asked).isEmpty();

            pending = List.of("A-1");
            await().untilAsserted(() -> assertThat(accepted()).containsExactly("A-1"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/x, direct:a, , items and {item}",
        "/x/{item}, , , items and {item}",
        "/x/{item}?p={page}, direct:a, , each item is one page",
        "/x/{item}?c={cursor}, direct:a, , each item is one page",
        "/x/{item}, direct:a, .next, each item is one page"
    })
    void whatDoesNotGoTogetherStopsTheStart(String path, String items, String next, String message) {
        HttpPullSource pull = new HttpPullSource("http://127.0.0.1" + path);
        HttpPullFormat format = new HttpPullFormat();
        format.setRecords(".");
        pull.setFormat(format);
        pull.setItems(items);
        HttpPullPagingOptions paging = new HttpPullPagingOptions();
        paging.setNext(next);
        pull.setPaging(paging);

        assertThatThrownBy(pull::init).hasMessageContaining(message);
    }
}
