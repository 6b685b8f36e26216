package dev.serai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.serai.ledger.delivery.TargetStatus;
import dev.serai.support.KafkaBroker;
import dev.serai.support.KameletRunner;
import dev.serai.support.Patience;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every kind of source with every kind of target: the examples {@code SOURCE-to-TARGET.camel.yaml}, and the table of them in docs/sources.md.
 * A build runs each source and each target once, the profiles crash and many run all pairs.
 */
class MatrixIT {
    private static final Path EXAMPLES = Path.of("docs/examples");
    private static final Pattern LINK = Pattern.compile("\\[[^]]+]\\(examples/([^)]+)\\)");
    private static final Map<String, String> ROWS = Map.of(
            "HTTP push", "http",
            "HTTP push, sync", "http-sync",
            "TCP push", "tcp",
            "TCP push, sync", "tcp-sync",
            "HTTP pull", "pull",
            "SQL pull", "sql",
            "files", "file",
            "Kafka", "kafka");
    private static final List<MatrixOrder> ORDERS =
            List.of(new MatrixOrder("o-1", "paid", 65, 7), new MatrixOrder("o-2", "sent", 12, 8));

    @TempDir
    private static Path brokerFolder;

    private static KafkaBroker broker;

    @TempDir
    private Path data;

    private final List<AutoCloseable> ends = new ArrayList<>();
    private KameletRunner runner;

    @BeforeAll
    static void startBroker() {
        broker = new KafkaBroker(brokerFolder);
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @BeforeEach
    void prepare() {
        runner = KameletRunner.listening(() -> data);
    }

    @AfterEach
    void stop() throws Exception {
        Set<HikariDataSource> pools = runner.context.getRegistry().findByType(HikariDataSource.class);
        runner.close();
        pools.forEach(HikariDataSource::close);
        for (AutoCloseable end : ends) {
            end.close();
        }
    }

    /** The files of the matrix that exist. */
    static List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.contains("-to-") && name.endsWith(".camel.yaml"))
                    .sorted()
                    .toList();
        }
    }

    static List<String> pairs() {
        return MatrixCell.PAIRS;
    }

    static List<String> otherPairs() throws IOException {
        return files().stream().filter(file -> !MatrixCell.PAIRS.contains(file)).toList();
    }

    @Tag("long")
    @ParameterizedTest(name = "{0}")
    @MethodSource("otherPairs")
    void inEachOtherPairTooItArrives(String file) throws Exception {
        whatComesFromTheSourceArrivesAtTheTarget(file);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pairs")
    void whatComesFromTheSourceArrivesAtTheTarget(String file) throws Exception {
        MatrixCell cell = new MatrixCell(file, runner, broker, data);
        MatrixSource source = opened(MatrixSource.of(cell));
        MatrixTarget target = opened(MatrixTarget.of(cell));
        Map<String, String> properties = new HashMap<>();
        for (Map<String, String> ofEnd : List.of(source.properties(), target.properties())) {
            ofEnd.forEach((name, value) ->
                    properties.put(name.startsWith("serai.") ? name : cell.name() + "." + name, value));
        }
        runner.withFile(EXAMPLES.resolve(file).toString(), properties).start();

        CompletableFuture<List<String>> answers = source.send(ORDERS);

        await().pollInterval(Duration.ofMillis(20))
                .ignoreExceptionsInstanceOf(SQLException.class) // the first connection creates the table
                .untilAsserted(() -> assertThat(target.arrived()).containsExactlyInAnyOrderElementsOf(ORDERS));
        assertAnswers(cell, answers.get(Patience.MAX_MILLIS, TimeUnit.MILLISECONDS));
        await().until(() -> delivered() == ORDERS.size());
    }

    private <T extends AutoCloseable> T opened(T end) {
        ends.add(end);
        return end;
    }

    private long delivered() {
        return runner.ledger().flows().stream()
                .flatMap(flow -> flow.targets().stream())
                .mapToLong(TargetStatus::delivered)
                .sum();
    }

    private static void assertAnswers(MatrixCell cell, List<String> answers) {
        switch (MatrixCell.source(cell.file())) {
            case "http" ->
                assertThat(answers)
                        .hasSize(ORDERS.size())
                        .allMatch(answer -> answer.startsWith("202 ") && answer.contains("\"duplicate\":false"));
            case "http-sync" ->
                assertThat(answers)
                        .hasSize(ORDERS.size())
                        .allMatch(answer -> answer.startsWith("200 ") && answer.contains("\"outcome\":\"delivered\""));
            case "tcp" ->
                assertThat(answers)
                        .hasSize(ORDERS.size())
                        .allMatch(answer -> answer.contains("\"duplicate\":false") && !answer.contains("outcome"));
            case "tcp-sync" ->
                assertThat(answers)
                        .hasSize(ORDERS.size())
                        .allMatch(answer -> answer.contains("\"outcome\":\"delivered\""));
            default -> assertThat(answers).isEmpty();
        }
    }

    @Test
    void everySourceHasAnExampleWithEveryTarget() throws IOException {
        List<String> all = new ArrayList<>();
        for (String source : MatrixCell.SOURCES) {
            MatrixCell.TARGETS.forEach(target -> all.add(source + "-to-" + target + MatrixCell.SUFFIX));
        }

        assertThat(files()).containsExactlyInAnyOrderElementsOf(all);
    }

    @Test
    void theTableOfSourcesLinksEachExampleInItsRowAndColumn() throws IOException {
        List<String> table = Files.readAllLines(Path.of("docs/sources.md")).stream()
                .dropWhile(line -> !line.startsWith("| from"))
                .takeWhile(line -> line.startsWith("|"))
                .toList();
        List<String> columns = cells(table.get(0)).stream()
                .skip(1)
                .map(name -> name.toLowerCase(Locale.ROOT))
                .toList();
        List<String> linked = new ArrayList<>();
        for (String line : table.subList(2, table.size())) {
            String source = ROWS.get(cells(line).get(0));
            List<String> links = LINK.matcher(line)
                    .results()
                    .map((MatchResult link) -> link.group(1))
                    .toList();
            assertThat(links)
                    .isEqualTo(columns.stream()
                            .map(target -> source + "-to-" + target + MatrixCell.SUFFIX)
                            .toList());
            linked.addAll(links);
        }

        assertThat(linked).containsExactlyInAnyOrderElementsOf(files());
    }

    private static List<String> cells(String line) {
        return Stream.of(line.substring(1).split("\\|", -1))
                .map(String::strip)
                .filter(cell -> !cell.isEmpty())
                .toList();
    }
}
