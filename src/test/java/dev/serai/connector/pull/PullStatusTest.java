package dev.serai.connector.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.serai.camel.SourceRegistry;
import dev.serai.camel.SourceReport;
import dev.serai.camel.SourceState;
import dev.serai.connector.http.pull.HttpPullSource;
import dev.serai.ledger.model.Cursor;
import dev.serai.support.CapturedLog;
import dev.serai.support.KameletRunner;
import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import dev.serai.support.RemoteSide.Asked;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a pull's state says of its runs. */
class PullStatusTest {
    private static final String HTTP = """
            - route:
                id: games-in
                from:
                  uri: kamelet:http-pull-source
                  parameters: { interval: 100ms, records: .items, cursor: .at, url: "{{remote}}/games%s" }
                  steps:
                    - to: { uri: "ledger:games", parameters: { batch: true, key: "${jq(.id)}", version: "${jq(.at)}" } }
            """;
    private static final String FILES = """
            - route:
                id: files-in
                from:
                  uri: kamelet:file-source
                  parameters: { directory: "{{folder}}", interval: 100ms, quiet: 0s }
                  steps:
                    - to: { uri: "ledger:files", parameters: { batch: true, key: "${jq(.id)}" } }
            """;

    @TempDir
    private Path data;

    private volatile Function<Asked, Answer> api = asked -> Answer.status(404);

    @AutoClose
    private final RemoteSide remote = new RemoteSide(asked -> api.apply(asked));

    @AutoClose
    private final KameletRunner runner = new KameletRunner(() -> data);

    private void start(String query) throws Exception {
        runner.with(HTTP.formatted(query), Map.of("remote", remote.url(""))).start();
    }

    private List<SourceReport> reports() {
        return SourceRegistry.of(runner.context).reports();
    }

    private SourceReport report() {
        assertThat(reports()).hasSize(1);
        return reports().get(0);
    }

    private void awaitState(SourceState state) {
        await().until(() -> report().state() == state);
    }

    private void awaitRuns(int more) {
        long before = report().runs();
        await().until(() -> report().runs() >= before + more);
    }

    private static Answer items(String... items) {
        return Answer.json("{\"items\":[" + String.join(",", items) + "]}");
    }

    private static String item(String id, String at) {
        return "{\"id\":\"" + id + "\",\"at\":\"" + at + "\"}";
    }

    @Test
    void aPullThatFailsInEachRunIsFailingWithTheAnswerAndTheLogSaysSoOnce() throws Exception {
        api = asked -> new Answer(403, Map.of(), "the token has expired " + "x".repeat(300));
        try (CapturedLog log = new CapturedLog(HttpPullSource.class)) {
            start("");
            awaitState(SourceState.FAILING);
            awaitRuns(3);

            assertThat(log.lines()).hasSize(1);
            assertThat(report().name()).isEqualTo("games-in");
            assertThat(report().lastGoodAt()).isNull();
            assertThat(report().failedRuns()).isEqualTo(report().runs());
            assertThat(report().reason())
                    .contains("403", "the token has expired xxx")
                    .hasSizeGreaterThan(200)
                    .hasSizeLessThan(300);

            api = asked -> items(item("a", "2026-01-01T10:00:00Z"));
            awaitState(SourceState.OK);
            awaitRuns(2);
            assertThat(log.lines()).hasSize(2);
            assertThat(log.lines().get(1)).isEqualTo("INFO Pull games-in: a run was good again");
        }
        assertThat(report().reason()).isNull();
        assertThat(report().lastError()).isNotNull();
        assertThat(report().lastGoodAt()).isAfter(report().lastError().at());
    }

    @Test
    void aSourceThatDoesNotAnswerIsFailingWhileTheRunTriesAgain() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        api = one -> asked.incrementAndGet() <= 2 ? Answer.status(503) : items(item("a", "2026-01-01T10:00:00Z"));
        try (CapturedLog log = new CapturedLog(HttpPullSource.class)) {
            start("");
            awaitState(SourceState.FAILING);
            assertThat(report().reason()).contains("503");

            awaitState(SourceState.OK);
            assertThat(log.lines()).hasSize(2);
            assertThat(log.lines().get(0)).contains("tries again in 1000 ms");
            assertThat(log.lines().get(1)).contains("the run goes on");
        }
        assertThat(report().failedRuns()).isZero();
    }

    @Test
    void aGoodPullShowsItsRecordsItsLagAndItsNextRun() throws Exception {
        api = asked -> items(
                item("a", "2026-01-01T10:00:00Z"),
                item("b", "2026-01-01T11:00:00Z"),
                item("c", "2199-01-01T00:00:00Z"),
                "{\"id\":null,\"at\":\"2026-01-01T10:00:00Z\"}");
        start("");
        awaitState(SourceState.OK);
        awaitRuns(2);

        SourceReport report = report();
        assertThat(report.kind()).isEqualTo("pull");
        assertThat(report.flows()).containsExactly("games");
        assertThat(report.accepted()).isEqualTo(4);
        assertThat(report.broken()).isEqualTo(1);
        assertThat(report.records()).isGreaterThanOrEqualTo(8);
        assertThat(report.ahead()).isEqualTo(1);
        assertThat(report.newestAt()).isEqualTo(Instant.parse("2026-01-01T11:00:00Z"));
        await().until(() -> report().nextRunAt() != null);
    }

    @Test
    void aRecordThatIsRefusedInEachRunIsToldOfOnceAndLeavesTheSourceOk() throws Exception {
        api = asked -> items(item("a", "2026-01-01T10:00:00Z"), "{\"id\":null,\"at\":\"2026-01-01T10:00:00Z\"}");
        try (CapturedLog log = new CapturedLog(HttpPullSource.class)) {
            start("");
            awaitState(SourceState.OK);
            awaitRuns(3);

            assertThat(log.lines())
                    .containsExactly("WARN Pull games-in: new dead letters of records that cannot be accepted: 1");
        }
        assertThat(report().broken()).isEqualTo(1);
        assertThat(report().lastError()).isNull();
    }

    @Test
    void tenPassesThatEachBringSomethingNewAreToldOfAndTheCursorStays() throws Exception {
        AtomicInteger number = new AtomicInteger(1_000);
        api = asked -> asked.parameter("page").equals("3")
                ? items()
                : items(item("n" + number.get(), "" + number.incrementAndGet()));
        try (CapturedLog log = new CapturedLog(HttpPullSource.class)) {
            start("?page={page}");
            awaitState(SourceState.FAILING);

            assertThat(report().reason())
                    .contains("each of 10 passes over the pages brought something new", "30 pages");
            awaitRuns(2);
            assertThat(log.lines()).hasSize(1);
        }
        assertThat(runner.ledger().cursor("games-in")).isEmpty();
    }

    @Test
    void aSavedCursorThatIsLaterThanNowIsToldOfOnceUntilItIsSetBack() throws Exception {
        api = asked -> items();
        runner.with(HTTP.formatted("?since={cursor}"), Map.of("remote", remote.url("")));
        runner.ledger()
                .saveCursor(new Cursor("games-in", "2199-01-01T00:00:00Z", Instant.now()))
                .join();
        try (CapturedLog log = new CapturedLog(HttpPullSource.class)) {
            runner.start();
            awaitState(SourceState.FAILING);
            awaitRuns(2);

            assertThat(report().reason()).contains("the saved cursor 2199-01-01T00:00:00Z is later than now");
            assertThat(log.lines()).singleElement().asString().startsWith("WARN Pull games-in: the saved cursor");
        }
        runner.ledger()
                .saveCursor(new Cursor("games-in", "2026-01-01T00:00:00Z", Instant.now()))
                .join();
        awaitState(SourceState.OK);
    }

    @Test
    void aFileThatCannotBeReadIsToldOfUntilItIsTakenAway() throws Exception {
        Path folder = Files.createDirectory(data.resolve("in"));
        Files.writeString(folder.resolve("good.jsonl"), "{\"id\":1}\nbroken\n");
        Files.write(folder.resolve("bad.jsonl.gz"), new byte[] {1, 2, 3});
        runner.with(FILES, Map.of("folder", folder.toString())).start();
        awaitState(SourceState.FAILING);
        await().until(() -> report().accepted() == 2);
        awaitRuns(2);

        assertThat(report().kind()).isEqualTo("file");
        assertThat(report().reason()).contains("1 file is in", ".failed, the latest bad.jsonl.gz: ", "mend");
        assertThat(report().broken()).isEqualTo(1);
        assertThat(report().lastError()).isNotNull();

        Files.delete(folder.resolve(".failed/bad.jsonl.gz"));
        awaitState(SourceState.OK);
    }

    @Test
    void aCursorThatAnOperatorSetsDuringARunIsWhereTheNextOneBegins() throws Exception {
        CountDownLatch isRead = new CountDownLatch(1);
        CountDownLatch isSet = new CountDownLatch(1);
        api = asked -> {
            if (asked.query().endsWith("since=")) {
                isRead.countDown();
                await().until(() -> isSet.getCount() == 0);
            }
            return items(item("a", "2026-01-01T10:00:00Z"), item("b", "2026-01-02T10:00:00Z"));
        };
        try (CapturedLog log = new CapturedLog(HttpPullSource.class)) {
            start("?since={cursor}");
            isRead.await();
            runner.ledger()
                    .saveCursor(new Cursor("games-in", "2025-01-01T00:00:00Z", Instant.now()))
                    .join();
            isSet.countDown();
            await().until(() -> remote.asked.size() > 1);

            assertThat(remote.asked.get(1).query()).contains("2024-12-31");
            assertThat(log.lines())
                    .containsExactly(
                            "INFO Pull games-in: the cursor was set to 2025-01-01T00:00:00Z by an operator, so the"
                                    + " run ends, and the next one begins there");
        }
        await().until(() -> report().accepted() == 2);
    }

    @Test
    void aRouteWithoutAnIdIsToldThatItsCursorHasNoLastingName() throws Exception {
        api = asked -> items(item("a", "2026-01-01T10:00:00Z"));
        try (CapturedLog log = new CapturedLog(HttpPullSource.class)) {
            runner.with(HTTP.formatted("").replace("    id: games-in\n", ""), Map.of("remote", remote.url("")))
                    .start();
            awaitState(SourceState.OK);
            awaitRuns(2);
            assertThat(log.lines())
                    .singleElement()
                    .asString()
                    .matches("WARN Pull (route\\d+): its route has no id, .*: give the route the id \\1, or .*");
        }
    }

    @Test
    void twoPullsOfOneNameReadNothingSinceEachWouldSkipWhatTheOtherHasRead() throws Exception {
        api = asked -> items(item("a", "2026-01-01T10:00:00Z"), item("b", "2026-01-01T10:00:01Z"));
        String other =
                HTTP.replace("id: games-in", "id: others-in").replace("cursor: .at,", "cursor: .at, name: games-in,");
        runner.with(HTTP.formatted("") + other.formatted(""), Map.of("remote", remote.url("")))
                .start();
        await().until(() -> reports().stream().allMatch(report -> report.state() == SourceState.FAILING));

        assertThat(reports())
                .extracting(SourceReport::reason)
                .anyMatch(reason -> reason.contains("the route others-in has the name games-in too"))
                .anyMatch(reason -> reason.contains("the route games-in has the name games-in too"));
        assertThat(remote.asked).isEmpty();
        assertThat(runner.ledger().cursor("games-in")).isEmpty();
    }

    @Test
    void aStoppedRouteIsStoppedAndARemovedOneIsGone() throws Exception {
        api = asked -> items();
        start("");
        awaitState(SourceState.OK);

        runner.context.getRouteController().stopRoute("games-in");
        assertThat(report().state()).isEqualTo(SourceState.STOPPED);
        runner.context.getRouteController().startRoute("games-in");
        awaitState(SourceState.OK);

        runner.context.getRouteController().stopAllRoutes();
        runner.context.removeRoute("games-in");
        for (var route : List.copyOf(runner.context.getRoutes())) {
            runner.context.removeRoute(route.getRouteId());
        }
        assertThat(reports()).isEmpty();
    }
}
