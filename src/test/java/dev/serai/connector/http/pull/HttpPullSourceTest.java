package dev.serai.connector.http.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.serai.connector.pull.FutureRecords;
import dev.serai.connector.pull.PullCursor;
import dev.serai.ledger.model.Cursor;
import dev.serai.support.CapturedLog;
import dev.serai.support.KameletRunner;
import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import dev.serai.support.RemoteSide.Asked;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpPullSourceTest {
    private static final String ROUTE = """
            - route:
                id: games-in
                from:
                  uri: kamelet:http-pull-source
                  parameters:
                    interval: 100ms
                    records: .items
                    cursor: .at
                    url: "{{remote}}%s"
            %s
                  steps:
                    - to:
                        uri: ledger:games
                        parameters:
                          batch: true
                          key: "${jq(.id)}"
                          version: "${jq(.at)}"
            """;

    /** A row of the source, and the value that it is sorted and filtered by. */
    private record Row(String id, long at) {
        String json() {
            return "{\"id\":\"" + id + "\",\"at\":" + at + "}";
        }
    }

    @TempDir
    private Path data;

    private final List<Row> rows = new CopyOnWriteArrayList<>();
    private final AtomicInteger broken = new AtomicInteger();
    private Function<Asked, Answer> api = asked -> Answer.status(500);
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
        if (runner != null) {
            runner.close();
        }
        runner = new KameletRunner(data);
        runner.with(ROUTE.formatted(path, parameters.indent(8).stripTrailing()), Map.of("remote", remote.url("")))
                .start();
    }

    /** Pages of two rows that match the filter, sorted as requested. */
    private Answer page(Asked asked, boolean orEqual, Comparator<Row> order) {
        String since = URLDecoder.decode(asked.parameter("since"), StandardCharsets.UTF_8);
        long from = since.isEmpty() ? Long.MIN_VALUE : Long.parseLong(since);
        int page = Integer.parseInt(asked.parameter("page"));
        List<Row> found = rows.stream()
                .filter(row -> orEqual ? row.at >= from : row.at > from)
                .sorted(order)
                .toList();
        List<Row> shown = found.stream().skip((page - 1) * 2L).limit(2).toList();
        return items(shown, page * 2 < found.size() ? String.valueOf(page + 1) : "");
    }

    private static Answer items(List<Row> shown, String next) {
        return Answer.json("{\"items\":["
                + String.join(",", shown.stream().map(Row::json).toList()) + "],\"next\":\"" + next + "\"}");
    }

    private static final Comparator<Row> OLDEST_FIRST = Comparator.comparingLong(Row::at);

    private List<String> accepted() {
        return runner.accepted("games").stream()
                .map(entry -> entry.change().key() + "@" + entry.change().version())
                .sorted()
                .toList();
    }

    private String cursor(String name) {
        return runner.ledger().cursor(name).map(Cursor::value).orElse("none");
    }

    private void add(Object... idsAndTimes) {
        for (int i = 0; i < idsAndTimes.length; i += 2) {
            rows.add(new Row(idsAndTimes[i].toString(), ((Number) idsAndTimes[i + 1]).longValue()));
        }
    }

    private void awaitRuns(int count) {
        long before = firstPages();
        await().until(() -> firstPages() >= before + count);
    }

    private long firstPages() {
        return remote.asked.stream()
                .filter(asked -> asked.parameter("page").matches("1?"))
                .count();
    }

    private void awaitAccepted(String... expected) {
        await().untilAsserted(() -> assertThat(accepted()).containsExactlyInAnyOrder(expected));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void rowsWithEqualCursorsAreNeverLost(boolean orEqual) throws Exception {
        api = asked -> page(asked, orEqual, OLDEST_FIRST);
        add("a", 1, "b", 2, "c", 2, "d", 2, "e", 3);
        start("/scores?since={cursor}&page={page}", "pageSize: 2");
        awaitAccepted("a@1", "b@2", "c@2", "d@2", "e@3");
        await().until(() -> cursor("games-in").equals("2"));

        add("f", 3);
        awaitAccepted("a@1", "b@2", "c@2", "d@2", "e@3", "f@3");
        add("g", 3, "h", 4);
        awaitAccepted("a@1", "b@2", "c@2", "d@2", "e@3", "f@3", "g@3", "h@4");

        await().until(() -> cursor("games-in").equals("3"));
        awaitRuns(2);
        assertThat(cursor("games-in")).isEqualTo("3");
        assertThat(accepted()).hasSize(8);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSourceWithASingleValueIsReadAgainUntilThereIsANewerOne(boolean orEqual) throws Exception {
        api = asked -> page(asked, orEqual, OLDEST_FIRST);
        add("a", 5, "b", 5, "c", 5);
        start("/scores?since={cursor}&page={page}", "pageSize: 2");
        awaitAccepted("a@5", "b@5", "c@5");
        awaitRuns(2);
        assertThat(cursor("games-in")).isEqualTo("none");

        add("d", 6);
        awaitAccepted("a@5", "b@5", "c@5", "d@6");
        await().until(() -> cursor("games-in").equals("5"));
    }

    @Test
    void moreThanTenThousandRowsOfEqualValueAreReadAndTheCursorMoves() throws Exception {
        IntStream.range(0, 10_050).forEach(i -> add("k" + i, 7));
        add("z", 8);
        api = asked -> {
            String since = asked.parameter("since");
            int page = Integer.parseInt(asked.parameter("page"));
            List<Row> found = rows.stream()
                    .filter(row -> since.isEmpty() || row.at > Long.parseLong(since))
                    .sorted(OLDEST_FIRST)
                    .toList();
            return items(found.stream().skip((page - 1) * 1000L).limit(1000).toList(), "");
        };
        start("/scores?since={cursor}&page={page}", "pageSize: 1000");

        await().until(() -> cursor("games-in").equals("7"));
        assertThat(accepted()).hasSize(10_051);
        awaitRuns(2);
        assertThat(remote.asked).anyMatch(asked -> asked.query().equals("since=7&page=1"));
    }

    @Test
    void theAnswerNamesTheNextPageByAddress() throws Exception {
        api = asked -> switch (asked.path() + "?" + asked.query()) {
            case "/scores?since=" -> items(List.of(new Row("a", 1)), "/more?p=2");
            case "/more?p=2" -> items(List.of(new Row("b", 2)), remote.url("/more?p=3"));
            case "/more?p=3" -> items(List.of(new Row("c", 3)), "?p=4");
            case "/more?p=4" -> items(List.of(new Row("d", 4)), "");
            default -> items(List.of(), "");
        };
        start("/scores?since={cursor}", "next: .next\nname: my-cursor");

        awaitAccepted("a@1", "b@2", "c@3", "d@4");
        await().until(() -> cursor("my-cursor").equals("3"));
        await().until(() ->
                remote.asked.stream().anyMatch(asked -> asked.query().equals("since=3")));
    }

    @Test
    void theAnswerNamesTheNextPageByToken() throws Exception {
        api = asked -> switch (asked.parameter("page")) {
            case "1" -> items(List.of(new Row("a", 1)), "x/y+z=");
            case "x%2Fy%2Bz%3D" -> items(List.of(new Row("b", 2)), "");
            default -> Answer.status(400);
        };
        start("/scores?page={page}", "next: .next");

        awaitAccepted("a@1", "b@2");
    }

    @Test
    void trueAsNextMeansTheNextNumber() throws Exception {
        api = asked -> {
            int page = Integer.parseInt(asked.parameter("page"));
            return Answer.json("{\"items\":[" + new Row("k" + page, page).json() + "],\"more\":" + (page < 3) + "}");
        };
        start("/scores?page={page}", "next: .more");

        awaitAccepted("k1@1", "k2@2", "k3@3");
    }

    @Test
    void after429TheSamePageIsRequestedAgain() throws Exception {
        add("a", 1, "b", 2, "c", 3);
        api = asked -> asked.parameter("page").equals("2") && broken.incrementAndGet() == 1
                ? new Answer(429, Map.of("Retry-After", "0"), "slow down")
                : page(asked, false, OLDEST_FIRST);
        start("/scores?since={cursor}&page={page}", "pageSize: 2");

        awaitAccepted("a@1", "b@2", "c@3");
        assertThat(remote.asked.stream().map(Asked::query).limit(3))
                .containsExactly("since=&page=1", "since=&page=2", "since=&page=2");
    }

    @Test
    void aWaitOfZeroDoesNotTakeThePlaceOfTheOwnDelay() throws Exception {
        add("a", 1);
        api = asked -> broken.incrementAndGet() == 1
                ? new Answer(429, Map.of("Retry-After", "0"), "slow down")
                : page(asked, false, OLDEST_FIRST);
        try (CapturedLog log = new CapturedLog(HttpPullSource.class)) {
            start("/scores?since={cursor}&page={page}", "pageSize: 2");
            awaitAccepted("a@1");

            assertThat(log.lines()).anyMatch(line -> line.contains("tries again in 1000 ms"));
        }
    }

    @Test
    void thePageOfAFailingServerIsRequestedUntilItAnswers() throws Exception {
        add("a", 1, "b", 2, "c", 3);
        api = asked -> {
            if (!asked.parameter("page").equals("2")) {
                return page(asked, false, OLDEST_FIRST);
            }
            return switch (broken.incrementAndGet()) {
                case 1 -> Answer.status(503);
                case 2 -> new Answer(503, Map.of("Retry-After", "0"), "");
                default -> page(asked, false, OLDEST_FIRST);
            };
        };
        start("/scores?since={cursor}&page={page}", "pageSize: 2");

        awaitAccepted("a@1", "b@2", "c@3");
        assertThat(remote.asked.stream().map(asked -> asked.parameter("page")).limit(4))
                .containsExactly("1", "2", "2", "2");
    }

    @Test
    void aRefusalEndsTheRunWithOneWarningThatHidesTheQueryAndTheNextRunTriesAgain() throws Exception {
        add("a", 1);
        api = asked -> broken.incrementAndGet() == 1 ? Answer.status(403) : page(asked, false, OLDEST_FIRST);
        try (CapturedLog log = new CapturedLog(HttpPullSource.class)) {
            start("/scores?key=hidden&since={cursor}&page={page}", "pageSize: 2\nbearerToken: canary");
            awaitAccepted("a@1");

            assertThat(log.lines().stream().filter(line -> line.startsWith("WARN")))
                    .singleElement()
                    .asString()
                    .contains("Pull games-in: the run ends at " + remote.url("/scores"), "403")
                    .doesNotContain("hidden", "canary");
        }
        assertThat(remote.asked.get(0).headers()).containsEntry("authorization", "Bearer canary");
    }

    @Test
    void aStopBetweenPagesLosesNothing() throws Exception {
        add("a", 1, "b", 2, "c", 3, "d", 4, "e", 5);
        api = asked -> asked.parameter("since").equals("3") ? Answer.status(500) : page(asked, false, OLDEST_FIRST);
        start("/scores?since={cursor}&page={page}", "sorted: true");
        awaitAccepted("a@1", "b@2", "c@3", "d@4");
        assertThat(cursor("games-in")).isEqualTo("3");

        api = asked -> page(asked, false, OLDEST_FIRST);
        start("/scores?since={cursor}&page={page}", "pageSize: 2");
        awaitAccepted("a@1", "b@2", "c@3", "d@4", "e@5");
        await().until(() -> cursor("games-in").equals("4"));
    }

    @Test
    void aStopEndsAWaitAtOnce() throws Exception {
        api = asked -> new Answer(503, Map.of("Retry-After", "3600"), "");
        start("/scores?since={cursor}&page={page}", "pageSize: 2");
        try (CapturedLog log = new CapturedLog(HttpPullSource.class)) {
            await().until(() -> log.lines().stream().anyMatch(line -> line.contains("in 3600000 ms")));

            runner.context.getShutdownStrategy().setTimeout(3600);
            runner.close();
            runner = null;
            assertThat(log.lines()).noneMatch(line -> line.contains("the run ends"));
        }
    }

    @Test
    void unsortedDataMovesTheCursorOnlyAtTheEndOfTheRun() throws Exception {
        add("a", 1, "b", 2, "c", 3, "d", 4, "e", 5);
        Comparator<Row> newestFirst = OLDEST_FIRST.reversed();
        api = asked -> asked.parameter("page").equals("3") ? Answer.status(500) : page(asked, false, newestFirst);
        start("/scores?since={cursor}&page={page}", "pageSize: 2");
        awaitAccepted("b@2", "c@3", "d@4", "e@5");
        assertThat(cursor("games-in")).isEqualTo("none");

        api = asked -> page(asked, false, newestFirst);
        start("/scores?since={cursor}&page={page}", "pageSize: 2");
        awaitAccepted("a@1", "b@2", "c@3", "d@4", "e@5");
        await().until(() -> cursor("games-in").equals("4"));
    }

    @Test
    void pagesThatGoRoundInACircleEndTheRunWithAWarning() throws Exception {
        api = asked -> {
            int page = Integer.parseInt(asked.parameter("page"));
            return items(List.of(new Row("k" + page, page)), String.valueOf(page < 5 ? page + 1 : 3));
        };
        try (CapturedLog log = new CapturedLog(HttpPullSource.class)) {
            start("/scores?page={page}", "next: .next");
            await().until(() -> log.lines().stream().anyMatch(line -> line.contains("go round in a circle")));
        }
        assertThat(accepted()).contains("k1@1", "k2@2", "k3@3", "k4@4");
    }

    @Test
    void aServerThatDoesNotKnowPagesEndsTheRunWithAWarning() throws Exception {
        api = asked -> items(List.of(new Row("a", 1), new Row("b", 2)), "");
        try (CapturedLog log = new CapturedLog(HttpPullSource.class)) {
            start("/scores?page={page}", "pageSize: 2");
            await().until(() -> log.lines().stream().anyMatch(line -> line.contains("has the same records")));
        }
        awaitAccepted("a@1", "b@2");
    }

    @Test
    void anAccessTokenIsFetchedKeptAndReplacedWhenItIsRefused() throws Exception {
        add("a", 1, "b", 2);
        AtomicInteger tokens = new AtomicInteger();
        api = asked -> {
            if (asked.path().equals("/token")) {
                return Answer.json("{\"access_token\":\"t" + tokens.incrementAndGet()
                        + "\",\"token_type\":\"Bearer\",\"expires_in\":3600}");
            }
            return asked.headers().get("authorization").equals("Bearer t2")
                    ? page(asked, false, OLDEST_FIRST)
                    : Answer.status(401);
        };
        start("/rows?since={cursor}&page={page}", """
                next: .next
                tokenUrl: "{{remote}}/token"
                clientId: serai
                clientSecret: test-only-secret""");
        awaitAccepted("a@1", "b@2");
        awaitRuns(2);

        assertThat(tokens).hasValue(2);
    }

    @Test
    void anotherServerIsNeverRequested() throws Exception {
        try (RemoteSide other = new RemoteSide(asked -> items(List.of(new Row("x", 9)), ""));
                CapturedLog log = new CapturedLog(HttpPullSource.class)) {
            api = asked -> items(List.of(new Row("a", 1)), other.url("/steal"));
            start("/scores?page={page}", "next: .next\nbearerToken: canary");
            await().until(() -> log.lines().stream().anyMatch(line -> line.contains("another server")));

            assertThat(other.asked).isEmpty();
        }
    }

    @Test
    void anAnswerWithoutAListOfRecordsEndsTheRunWithTheReason() throws Exception {
        List<String> answers =
                new ArrayList<>(List.of("<html>", "{\"item\":[]}", "{\"items\":null}", "{\"items\":[{\"id\":\"a\"}]}"));
        api = asked -> Answer.json(answers.isEmpty() ? "{\"items\":[]}" : answers.remove(0));
        try (CapturedLog log = new CapturedLog(HttpPullSource.class)) {
            start("/scores?since={cursor}", "");
            await().until(() ->
                    log.lines().stream().filter(line -> line.startsWith("WARN")).count() >= 3);

            assertThat(log.lines().stream().filter(line -> line.startsWith("WARN")))
                    .satisfiesExactly(
                            line -> assertThat(line)
                                    .contains("the answer is not JSON")
                                    .endsWith("; the answer begins: <html>"),
                            line -> assertThat(line).contains("records (.items) found no list"),
                            line -> assertThat(line).contains("no record of the page has a cursor"));
        }
    }

    @Test
    void aScheduleIsAQuartzCronExpressionAndTheFirstCursorCanBeSet() throws Exception {
        add("a", 1, "b", 2);
        api = asked -> page(asked, false, OLDEST_FIRST);
        start("/scores?since={cursor}&page={page}", "pageSize: 2\nschedule: \"0/1 * * * * ?\"\nstart: \"1\"");

        awaitAccepted("b@2");
    }

    @Test
    void runsNeverOverlapAndMissedRunsAreSkipped() throws Exception {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        IntPredicate slow = count -> count == 0;
        api = asked -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            if (slow.test(broken.getAndIncrement())) {
                // Slower than several intervals. What must not happen cannot be awaited, so this takes time.
                await().during(Duration.ofMillis(500)).until(() -> now.get() == 1);
            }
            now.decrementAndGet();
            return items(List.of(), "");
        };
        start("/scores?since={cursor}", "");
        await().until(() -> broken.get() >= 4);

        assertThat(most).hasValue(1);
    }

    @Test
    void theCursorNeverGoesBack() {
        PullCursor cursor = new PullCursor("5", Instant.now());
        cursor.see(List.of("1", "2", "3"));
        assertThat(cursor.toSave()).isEqualTo("5");
        cursor.see(List.of("9", "7"));
        assertThat(cursor.toSave()).isEqualTo("7");
        assertThat(cursor.isSorted()).isFalse();
    }

    @Test
    void aPageWithFewerRecordsIsNotTheLastOne() throws Exception {
        IntStream.range(0, 9).forEach(i -> add("r" + i, 100 + i));
        api = asked -> {
            List<Row> shown = pageOf(asked, 3);
            return items(shown.stream().filter(row -> !row.id.equals("r4")).toList(), "");
        };
        start("/scores?since={cursor}&page={page}", "pageSize: 3");

        awaitAccepted("r0@100", "r1@101", "r2@102", "r3@103", "r5@105", "r6@106", "r7@107", "r8@108");
    }

    @Test
    void aRecordThatMovesToAnotherPageWhileTheyAreReadIsFound() throws Exception {
        IntStream.range(0, 9).forEach(i -> add("r" + i, 100 + i));
        AtomicInteger moved = new AtomicInteger();
        api = asked -> {
            List<Row> shown = pageOf(asked, 3);
            if (moved.getAndIncrement() == 0) {
                rows.set(1, new Row("r1", 200));
            }
            return items(shown, "");
        };
        start("/scores?since={cursor}&page={page}", "");

        await().untilAsserted(() -> assertThat(accepted()).contains("r3@103", "r8@108", "r1@200"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSortedSourceIsAskedFromTheNewestValueOn(boolean orEqual) throws Exception {
        IntStream.range(0, 20).forEach(i -> add("r" + i, 100 + i / 3));
        AtomicInteger moved = new AtomicInteger();
        api = asked -> {
            Answer answer = page(asked, orEqual, OLDEST_FIRST);
            if (moved.getAndIncrement() == 2) {
                rows.set(0, new Row("r0", 200));
            }
            return answer;
        };
        start("/scores?since={cursor}&page={page}", "sorted: true");

        await().untilAsserted(() -> assertThat(accepted())
                .contains("r0@200")
                .contains(IntStream.range(1, 20)
                        .mapToObj(i -> "r" + i + "@" + (100 + i / 3))
                        .toArray(String[]::new)));
        await().until(() -> cursor("games-in").equals("106"));
    }

    @Test
    void aSortedSourceWithoutPagesIsReadToItsEndInOneRun() throws Exception {
        IntStream.rangeClosed(1, 12).forEach(i -> add("r" + i, i));
        api = asked -> items(pageOf(asked, 4), "");
        start("/scores?since={cursor}&page=1", "sorted: true\npageSize: 4");
        await().until(() -> accepted().size() == 12 && remote.asked.size() >= 6);

        assertThat(remote.asked.stream().limit(6).map(asked -> asked.parameter("since")))
                .containsExactly("", "3", "5", "7", "9", "11");
    }

    @Test
    void aSortedSourceThatOnlySaysThatThereIsMoreIsAskedFromItsNewestValueOn() throws Exception {
        IntStream.rangeClosed(1, 12).forEach(i -> add("r" + i, i));
        api = this::pageWithFlag;
        start("/scores?since={cursor}&page=1", "sorted: true\nnext: .more");
        await().until(() -> accepted().size() == 12);

        assertThat(remote.asked.stream().limit(5).map(asked -> asked.parameter("since")))
                .containsExactly("", "3", "5", "7", "9");
    }

    @Test
    void moreRecordsThatNothingInTheRequestAsksForAreToldOf() throws Exception {
        IntStream.rangeClosed(1, 12).forEach(i -> add("r" + i, i));
        api = this::pageWithFlag;
        try (CapturedLog log = new CapturedLog(HttpPullSource.class)) {
            start("/scores?since={cursor}&page=1", "next: .more");
            await().until(() -> log.lines().stream()
                    .anyMatch(line -> line.contains("the answer says that there are more records, and nothing")));
            awaitAccepted("r1@1", "r2@2", "r3@3", "r4@4");
        }
        assertThat(cursor("games-in")).isEqualTo("none");
    }

    private Answer pageWithFlag(Asked asked) {
        List<Row> shown = pageOf(asked, 4);
        boolean isLast = shown.get(shown.size() - 1).at() == 12;
        return Answer.json("{\"items\":["
                + String.join(",", shown.stream().map(Row::json).toList()) + "],\"more\":" + !isLast + "}");
    }

    @Test
    void theCursorOfASourceThatOnlyLooksSortedIsNotSavedBeforeTheRunIsComplete() throws Exception {
        api = asked -> switch (asked.parameter("page")) {
            case "1" -> items(List.of(new Row("a", 1), new Row("z", 9)), "");
            default -> Answer.status(400);
        };
        try (CapturedLog log = new CapturedLog(HttpPullSource.class)) {
            start("/scores?since={cursor}&page={page}", "");
            await().until(() -> log.lines().stream().anyMatch(line -> line.contains("the run ends")));
        }
        assertThat(cursor("games-in")).isEqualTo("none");
    }

    @Test
    void aRecordThatIsDatedInTheFutureDoesNotEndThePull() throws Exception {
        List<String> times = new CopyOnWriteArrayList<>(List.of(
                "2026-01-01T10:00:00Z", "2026-01-01T10:00:05Z", "2199-02-01T00:00:00Z", "2199-03-01T00:00:00Z"));
        api = asked -> timed(asked, times);
        try (CapturedLog log = new CapturedLog(FutureRecords.class)) {
            start("/events?since={cursor}", "");
            await().until(() -> accepted().size() == 4);
            times.addAll(List.of("2026-01-02T10:00:00Z", "2026-01-03T10:00:00Z"));

            await().until(() -> accepted().size() == 6);
            assertThat(log.lines()).anyMatch(line -> line.contains("2 records are dated later than now"));
        }
        await().until(() -> cursor("games-in").equals("2026-01-02T10:00:00Z"));
    }

    @Test
    void aRecordThatAppearsLateWithinTheOverlapIsFound() throws Exception {
        List<String> times = new CopyOnWriteArrayList<>(
                List.of("2026-01-01T10:00:00Z", "2026-01-01T10:00:05Z", "2026-01-01T10:00:06Z"));
        api = asked -> timed(asked, times);
        start("/events?since={cursor}", "");
        await().until(() -> cursor("games-in").equals("2026-01-01T10:00:05Z"));

        times.add("2026-01-01T10:00:02Z");

        await().until(() -> accepted().size() == 4);
    }

    @Test
    void recordsOfTheHourThatComesTwiceAreFound() throws Exception {
        List<String> times = new CopyOnWriteArrayList<>(
                List.of("2026-10-25 02:40:00", "2026-10-25 02:50:00", "2026-10-25 02:55:00"));
        api = asked -> timed(asked, times);
        start("/events?since={cursor}", "");
        await().until(() -> cursor("games-in").equals("2026-10-25 02:50:00"));

        times.add("2026-10-25 02:10:00");

        await().until(() -> accepted().size() == 4);
    }

    /** All records from the given time on, oldest first. */
    private static Answer timed(Asked asked, List<String> times) {
        String since = URLDecoder.decode(asked.parameter("since"), StandardCharsets.UTF_8);
        return Answer.json("{\"items\":["
                + times.stream()
                        .filter(time -> time.compareTo(since) >= 0)
                        .sorted()
                        .map(time -> "{\"id\":\"" + time + "\",\"at\":\"" + time + "\"}")
                        .collect(Collectors.joining(","))
                + "]}");
    }

    @Test
    void aRecordWithNaNDoesNotMakeItsPageUnreadable() throws Exception {
        api = asked -> Answer.json("{\"items\":[{\"id\":\"a\",\"at\":1},{\"id\":\"b\",\"at\":2,\"ce\":NaN}]}");
        start("/scores?since={cursor}", "");

        await().until(() -> accepted().size() == 2);
        assertThat(accepted()).contains("a@1").anyMatch(key -> key.contains("/scores record "));
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 404})
    void aPageThatIsNotThereIsBehindTheLastOne(int status) throws Exception {
        api = asked -> Integer.parseInt(asked.parameter("page")) <= 2
                ? items(
                        List.of(new Row(
                                "k" + asked.parameter("page"),
                                asked.parameter("page").equals("1") ? 1 : 2)),
                        "")
                : Answer.status(status);
        try (CapturedLog log = new CapturedLog(HttpPullSource.class)) {
            start("/scores?page={page}", "");
            awaitAccepted("k1@1", "k2@2");
            await().until(() -> cursor("games-in").equals("1"));
            assertThat(log.lines()).isEmpty();
        }
    }

    @Test
    void aPageThatAnAnswerHasNamedAndThatIsNotThereIsAnError() throws Exception {
        api = asked -> asked.path().equals("/scores")
                ? items(List.of(new Row("a", 1), new Row("b", 2)), "a-token")
                : Answer.status(404);
        try (CapturedLog log = new CapturedLog(HttpPullSource.class)) {
            start("/scores", "next: .next"); // without {page}, a token is taken for an address
            await().until(() -> log.lines().stream().anyMatch(line -> line.contains("404")));
            awaitAccepted("a@1", "b@2");
            assertThat(cursor("games-in")).isEqualTo("none");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/scores?since={cursor}", "/scores"})
    void aFullPageBehindWhichNothingCanBeAskedForIsAnError(String path) throws Exception {
        api = asked -> items(List.of(new Row("a", 7), new Row("b", 7)), "");
        try (CapturedLog log = new CapturedLog(HttpPullSource.class)) {
            start(path, "sorted: true\npageSize: 2");
            await().until(() -> log.lines().stream().anyMatch(line -> line.contains("the page is full")));
            awaitAccepted("a@7", "b@7");
        }
    }

    @Test
    void aRecordWithoutACursorIsReadAndAPageWithoutAnyIsAnError() throws Exception {
        api = asked -> Answer.json("{\"items\":[{\"id\":\"a\"},{\"id\":\"b\",\"at\":1}]}");
        start("/scores?since={cursor}", "");
        await().until(() -> runner.accepted("games").size() >= 2); // without a version it is a new change in each run

        try (CapturedLog log = new CapturedLog(HttpPullSource.class)) {
            api = asked -> Answer.json("{\"items\":[{\"id\":\"c\"}]}");
            await().until(() ->
                    log.lines().stream().anyMatch(line -> line.contains("no record of the page has a cursor")));
        }
    }

    @Test
    void aCursorThatIsNoSingleValueIsAnError() throws Exception {
        api = asked -> Answer.json("{\"items\":[{\"id\":\"a\",\"at\":{\"$date\":1}}]}");
        try (CapturedLog log = new CapturedLog(HttpPullSource.class)) {
            start("/scores?since={cursor}", "");
            await().until(() ->
                    log.lines().stream().anyMatch(line -> line.contains("no single value but {\"$date\":1}")));
        }
    }

    @Test
    void textBehindTheAnswersJsonIsAnError() throws Exception {
        api = asked -> Answer.json("{\"items\":[]} {\"items\":[]}");
        try (CapturedLog log = new CapturedLog(HttpPullSource.class)) {
            start("/scores?since={cursor}", "");
            await().until(() -> log.lines().stream().anyMatch(line -> line.contains("the answer is not JSON")));
        }
    }

    @Test
    void aPageThatNamesItselfIsHandedOverBeforeTheRunEnds() throws Exception {
        api = asked -> items(List.of(new Row("a", 1)), "1");
        try (CapturedLog log = new CapturedLog(HttpPullSource.class)) {
            start("/scores?page={page}", "next: .next");
            awaitAccepted("a@1");
            await().until(() -> log.lines().stream().anyMatch(line -> line.contains("ends after 1 pages")));
        }
    }

    @Test
    void aRunEndsAtItsMostPages() throws Exception {
        api = asked -> items(List.of(new Row("k" + asked.parameter("page"), 1)), "");
        try (CapturedLog log = new CapturedLog(HttpPullSource.class)) {
            start("/scores?page={page}", "maxPages: 3");
            await().until(() -> log.lines().stream().anyMatch(line -> line.contains("more than maxPages=3")));
        }
        assertThat(accepted()).containsExactly("k1@1", "k2@1", "k3@1");
    }

    private List<Row> pageOf(Asked asked, int size) {
        String since = asked.parameter("since");
        long from = since.isEmpty() ? Long.MIN_VALUE : Long.parseLong(since);
        long page = Integer.parseInt(asked.parameter("page"));
        return rows.stream()
                .filter(row -> row.at >= from)
                .sorted(OLDEST_FIRST)
                .skip((page - 1) * size)
                .limit(size)
                .toList();
    }

    @Test
    void invalidOptionsFailTheStart() {
        assertThatThrownBy(() -> new HttpPullSource("file:/etc/passwd")).hasMessageContaining("http or https");
        HttpPullSource pull = new HttpPullSource("http://127.0.0.1/x");
        assertThatThrownBy(() -> new HttpPullFormat().setRecords(".a["))
                .hasMessageContaining("records is not a jq expression");
        assertThatThrownBy(pull::init).hasMessageContaining("records is missing");
    }
}
