package dev.serai.connector.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.serai.support.KameletRunner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When file-sink finishes a file, and that no line is lost or doubled by it. */
class FileSinkRotationTest {
    private static final String ROUTE = """
            - route:
                from:
                  uri: direct:in
                  steps:
                    - to:
                        uri: kamelet:file-sink
                        parameters:
                          directory: "{{folder}}"
                          fileName: orders.%s
                          format: %s
                          %s
            """;
    private static final Instant LONG_AGO = Instant.parse("2026-01-31T10:15:00.123Z");

    @TempDir
    private Path data;

    private KameletRunner runner;

    private Path folder() {
        return data.resolve("out");
    }

    private Path file() {
        return folder().resolve("orders.jsonl");
    }

    @AfterEach
    void stop() {
        if (runner != null) {
            runner.close();
        }
    }

    private void start(String format, String rotation) throws Exception {
        stop();
        runner = new KameletRunner(data);
        runner.with(ROUTE.formatted(format, format, rotation), Map.of("folder", folder().toString()))
                .start();
    }

    private Exchange send(int number) {
        return runner.send("direct:in", ("{\"n\":" + number + "}").getBytes(UTF_8), Map.of("CamelLedgerKey", "k"));
    }

    private void sent(int... numbers) {
        for (int number : numbers) {
            assertThat(send(number).getException()).isNull();
        }
    }

    /** By name, so that the one that is written to comes last. */
    private List<Path> files() throws Exception {
        try (Stream<Path> found = Files.list(folder())) {
            return found.sorted(Comparator.<Path, Boolean>comparing(one -> one.equals(file()))
                            .thenComparing(Comparator.naturalOrder()))
                    .toList();
        }
    }

    private List<String> lines() throws Exception {
        List<String> all = new ArrayList<>();
        for (Path file : files()) {
            String text = Files.readString(file);
            assertThat(text).as(file.toString()).endsWith("\n");
            all.addAll(text.lines().toList());
        }
        return all;
    }

    private static String[] expected(int from, int to) {
        return IntStream.range(from, to).mapToObj(n -> "{\"n\":" + n + "}").toArray(String[]::new);
    }

    @Test
    void aFileIsFinishedAtItsLengthAndTheNextLineBeginsANewOne() throws Exception {
        start("jsonl", "rotateBytes: 16");
        sent(1, 2);
        assertThat(files()).containsExactly(file());
        sent(3);

        assertThat(Files.readString(file())).isEqualTo("{\"n\":3}\n");
        assertThat(files()).hasSize(2);
        assertThat(files().get(0).getFileName().toString()).matches("orders\\.\\d{8}T\\d{6}\\.\\d{3}Z\\.jsonl");
        assertThat(Files.readString(files().get(0))).isEqualTo("{\"n\":1}\n{\"n\":2}\n");
    }

    @Test
    void concurrentLinesAreEachInOneFileOnce() throws Exception {
        start("jsonl", "rotateBytes: 100");
        ExecutorService senders = Executors.newFixedThreadPool(8);
        try {
            List<Future<Exchange>> results = new ArrayList<>();
            for (int i = 100; i < 500; i++) {
                int number = i;
                results.add(senders.submit(() -> send(number)));
            }
            for (Future<Exchange> result : results) {
                assertThat(result.get().getException()).isNull();
            }
        } finally {
            senders.shutdownNow();
        }

        assertThat(lines()).containsExactlyInAnyOrder(expected(100, 500));
        assertThat(files()).hasSizeGreaterThan(10).allSatisfy(file -> assertThat(file)
                .satisfies(one -> assertThat(Files.size(one)).isLessThan(300)));
    }

    @Test
    void aNodeThatDiedBeforeItRenamedALongFileDoesSoAfterItsStart() throws Exception {
        Files.createDirectories(folder());
        Files.writeString(file(), "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\"");
        start("jsonl", "rotateBytes: 20");
        sent(4);

        assertThat(lines()).containsExactly(expected(1, 5));
        assertThat(Files.readString(file())).isEqualTo("{\"n\":4}\n");
    }

    @Test
    void aNodeThatDiedAfterItRenamedAFileBeginsANewOne() throws Exception {
        start("jsonl", "rotateBytes: 16");
        sent(1, 2);
        runner.close();
        Files.move(file(), folder().resolve("orders.20260131T101500.123Z.jsonl"));
        start("jsonl", "rotateBytes: 16");
        sent(3);

        assertThat(lines()).containsExactly(expected(1, 4));
    }

    @Test
    void aShortFileIsContinuedAfterARestart() throws Exception {
        start("jsonl", "rotateBytes: 1000");
        sent(1);
        start("jsonl", "rotateBytes: 1000");
        sent(2);

        assertThat(Files.readString(file())).isEqualTo("{\"n\":1}\n{\"n\":2}\n");
        assertThat(files()).hasSize(1);
    }

    @Test
    void theLinesOfAnEarlierTimeAreFinishedUnderTheTimeOfTheirLastAndReplaceNoFile() throws Exception {
        Files.createDirectories(folder());
        Path taken = folder().resolve("orders.20260131T101500.123Z.jsonl");
        Files.writeString(taken, "{\"n\":1}\n");
        Files.writeString(file(), "{\"n\":2}\n");
        Files.setLastModifiedTime(file(), FileTime.from(LONG_AGO));
        start("jsonl", "rotateEvery: 1h");
        sent(3);

        assertThat(Files.readString(taken)).isEqualTo("{\"n\":1}\n");
        assertThat(Files.readString(folder().resolve("orders.20260131T101500.123Z-1.jsonl")))
                .isEqualTo("{\"n\":2}\n");
        assertThat(Files.readString(file())).isEqualTo("{\"n\":3}\n");
    }

    @Test
    void aFileIsFinishedInTimeAlsoIfNoLineComes() throws Exception {
        start("jsonl", "rotateEvery: 1s");
        sent(1);

        await().until(() -> !Files.exists(file()));
        assertThat(lines()).containsExactly(expected(1, 2));
    }

    @Test
    void aFileThatSomebodyElsePutInItsPlaceIsContinuedAndNotRotatedInsteadOfIt() throws Exception {
        start("jsonl", "rotateBytes: 16");
        sent(1, 2);
        Files.move(file(), folder().resolve("orders.away.jsonl"));
        Files.writeString(file(), "{\"n\":3}\n");
        sent(4);

        assertThat(lines()).containsExactlyInAnyOrder(expected(1, 5));
        assertThat(Files.readString(file())).isEqualTo("{\"n\":3}\n{\"n\":4}\n");
        assertThat(files()).hasSize(2);
    }

    @Test
    void eachFileOfCsvNamesItsColumns() throws Exception {
        start("csv", "rotateBytes: 3");
        sent(1, 2);

        assertThat(files()).hasSize(2).allSatisfy(file -> assertThat(Files.readString(file))
                .startsWith("n\n"));
        assertThat(files().stream().map(FileSinkRotationTest::secondLine)).containsExactlyInAnyOrder("1", "2");
    }

    private static String secondLine(Path file) {
        try {
            return Files.readAllLines(file).get(1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aFileIsDueByItsLengthOrWhenItsTimeIsOver() {
        FileSinkRotation hourly = new FileSinkRotation(10, Duration.ofHours(1));

        assertThat(hourly.isDue(9, LONG_AGO, LONG_AGO.plusSeconds(44 * 60))).isFalse();
        assertThat(hourly.isDue(9, LONG_AGO, LONG_AGO.plusSeconds(45 * 60))).isTrue();
        assertThat(hourly.isDue(9, LONG_AGO, LONG_AGO.minusSeconds(7200))).isFalse();
        assertThat(hourly.isDue(10, LONG_AGO, LONG_AGO)).isTrue();
        assertThat(hourly.isDue(0, LONG_AGO, LONG_AGO.plusSeconds(7200))).isFalse();
    }

    @Test
    void whatCannotBeStopsTheStart() {
        assertThatThrownBy(() -> start("jsonl", "rotateBytes: 0")).hasStackTraceContaining("rotateBytes must be more");
        assertThatThrownBy(() -> start("jsonl", "rotateEvery: 0s")).hasStackTraceContaining("rotateEvery must be more");
    }
}
