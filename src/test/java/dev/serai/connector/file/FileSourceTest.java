package dev.serai.connector.file;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.DeadLetter;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.Entry;
import dev.serai.support.CapturedLog;
import dev.serai.support.KameletRunner;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.apache.camel.Processor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileSourceTest {
    private static final String ROUTE = """
            - route:
                id: orders-in
                from:
                  uri: kamelet:file-source
                  parameters:
                    directory: "{{folder}}"
                    interval: 50ms
            %s
                  steps:
                    - process:
                        ref: probe
                    - to:
                        uri: ledger:orders
                        parameters:
                          batch: true
                          key: "${jq(.id)}"
            - route:
                from:
                  uri: ledger:orders
                  parameters: { target: shop, startFrom: earliest }
                  steps:
                    - process:
                        ref: shop
            """;

    @TempDir
    private Path data;

    private Path folder;
    private KameletRunner runner;
    private final List<String> delivered = Collections.synchronizedList(new ArrayList<>());
    private volatile Processor probe = exchange -> {};

    @BeforeEach
    void makeFolder() throws IOException {
        folder = Files.createDirectories(data.resolve("in + out"));
    }

    @AfterEach
    void stop() {
        if (runner != null) {
            runner.close();
        }
    }

    private void start(String parameters) throws Exception {
        stop();
        runner = new KameletRunner(data);
        runner.context.getRegistry().bind("probe", (Processor) exchange -> probe.process(exchange));
        runner.context.getRegistry().bind("shop", (Processor)
                exchange -> delivered.add(exchange.getMessage().getBody(String.class)));
        runner.with(
                        ROUTE.formatted((parameters.contains("quiet") ? parameters : "quiet: 0s\n" + parameters)
                                .indent(8)
                                .stripTrailing()),
                        Map.of("folder", folder.toString()))
                .start();
    }

    /** Writes the file under another name and renames it, as recommended. */
    private void write(String name, String text) throws IOException {
        Path hidden = Files.writeString(folder.resolve("." + name), text);
        Files.move(hidden, folder.resolve(name));
    }

    private List<Entry> accepted() {
        return runner.accepted("orders");
    }

    private void awaitDelivered(String... bodies) {
        await().untilAsserted(() -> assertThat(delivered).containsExactlyInAnyOrder(bodies));
    }

    private void awaitDone(String name) {
        await().until(() -> Files.exists(folder.resolve(".done").resolve(name)));
    }

    private FileCursor cursor() {
        return FileCursor.parse(
                runner.ledger().cursor("orders-in").map(Cursor::value).orElse(null));
    }

    private Map<String, String> deadLetters(int count) {
        Ledger ledger = runner.ledger();
        await().until(() -> ledger.dead(DeliveryFilter.ALL, 0, 1_000).size() == count);
        return ledger.dead(DeliveryFilter.ALL, 0, 1_000).stream()
                .collect(Collectors.toMap(DeadLetter::key, DeadLetter::error));
    }

    private static String lines(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i -> "{\"id\":\"k" + i + "\",\"n\":" + i + "}\n")
                .collect(Collectors.joining());
    }

    @Test
    void jsonLinesBecomeChangesAndTheFileIsMoved() throws Exception {
        write("a.jsonl", "\ufeff{\"id\":\"x\",\"price\":1.10}\r\n\n{\"id\":\"y\",\"big\":12345678901234567890}");
        start("");

        awaitDone("a.jsonl");
        awaitDelivered("{\"id\":\"x\",\"price\":1.10}", "{\"id\":\"y\",\"big\":12345678901234567890}");
        await().untilAsserted(() -> assertThat(delivered).hasSize(2));
        await().until(() -> cursor().done());
        assertThat(cursor().records()).isEqualTo(2);
        assertThat(cursor().line()).isEqualTo(3);
        assertThat(folder.resolve("a.jsonl")).doesNotExist();
    }

    @Test
    void quotedLineEndsInCsvBelongToTheirRecord() throws Exception {
        write("a.csv", "id;note\n1;\"two\nlines, \"\"quoted\"\"\"\n2;\"\"\n3;5 \" pipe\n4;ä\n");
        start("format: csv\ndelimiter: \";\"\nbatchSize: 1");

        awaitDone("a.csv");
        awaitDelivered(
                "{\"id\":\"1\",\"note\":\"two\\nlines, \\\"quoted\\\"\"}",
                "{\"id\":\"2\",\"note\":\"\"}",
                "{\"id\":\"3\",\"note\":\"5 \\\" pipe\"}",
                "{\"id\":\"4\",\"note\":\"ä\"}");
    }

    @Test
    void onlyABrokenLineBecomesADeadLetterAndItNamesItsPosition() throws Exception {
        write(
                "a.jsonl",
                "{\"id\":\"x\"}\n{\"id\":\n[1]\n{\"id\":\"y\"} {}\n" + "{\"id\":\"" + "z".repeat(300)
                        + "\"}\n{\"id\":\"v\"}\n");
        start("recordBytes: 200");

        assertThat(deadLetters(4))
                .hasEntrySatisfying("a.jsonl:2", error -> assertThat(error).startsWith("a.jsonl:2: not JSON: "))
                .hasEntrySatisfying("a.jsonl:3", error -> assertThat(error).isEqualTo("a.jsonl:3: not a JSON object"))
                .hasEntrySatisfying("a.jsonl:4", error -> assertThat(error).contains("not JSON"))
                .hasEntrySatisfying("a.jsonl:5", error -> assertThat(error).contains("longer than the 200 bytes"));
        awaitDone("a.jsonl");
        await().untilAsserted(
                        () -> assertThat(delivered).containsExactlyInAnyOrder("{\"id\":\"x\"}", "{\"id\":\"v\"}"));
        assertThat(accepted()).hasSize(6);
        await().until(() -> cursor().broken() == 4);
    }

    @Test
    void aHeaderlessFileWithTabsAndItsCharsetIsRead() throws Exception {
        Files.write(folder.resolve("a.csv"), "1\té\t\n".getBytes(ISO_8859_1));
        start("format: csv\ndelimiter: tab\ncharset: ISO-8859-1\nheader: false\ncolumns: id,note, last");

        awaitDone("a.csv");
        awaitDelivered("{\"id\":\"1\",\"note\":\"é\",\"last\":\"\"}");
    }

    @Test
    void aBarDelimitsCells() throws Exception {
        write("a.csv", "id|note\n1|a,b\n");
        start("format: csv\ndelimiter: \"|\"");

        awaitDelivered("{\"id\":\"1\",\"note\":\"a,b\"}");
    }

    @Test
    void aStrayQuoteInCsvBreaksOnlyItsLine() throws Exception {
        write("a.csv", "id,note\n1,\"open\n2,b\n3\n4,\"c\"d\n5,e\n6,\"also open\n7,f\n");
        start("format: csv");

        assertThat(deadLetters(4))
                .hasEntrySatisfying("a.csv:2", error -> assertThat(error).contains("quote"))
                .hasEntrySatisfying(
                        "a.csv:4", error -> assertThat(error).contains("it has 1 cells, but there are 2 columns"))
                .hasEntrySatisfying("a.csv:5", error -> assertThat(error).contains("text follows a closing quote"))
                .hasEntrySatisfying("a.csv:7", error -> assertThat(error).contains("a quote is not closed"));
        await().untilAsserted(() -> assertThat(delivered)
                .containsExactlyInAnyOrder(
                        "{\"id\":\"2\",\"note\":\"b\"}",
                        "{\"id\":\"5\",\"note\":\"e\"}",
                        "{\"id\":\"7\",\"note\":\"f\"}"));
    }

    @Test
    void bytesThatAreNotUtf8BreakTheirLineOnly() throws Exception {
        Files.write(folder.resolve("a.csv"), "id\n\u00e4\nb\n".getBytes(ISO_8859_1));
        start("format: csv");

        assertThat(deadLetters(1))
                .containsEntry("a.csv:2", "a.csv:2: it is not UTF-8 at byte 3 of the file: set charset");
        await().untilAsserted(() -> assertThat(delivered).containsExactly("{\"id\":\"b\"}"));
    }

    @Test
    void onlyTheRecordThatTheLedgerRefusesBecomesADeadLetter() throws Exception {
        write("a.jsonl", lines(0, 700) + "{\"no\":\"key\"}\n" + lines(700, 900));
        start("");

        assertThat(deadLetters(1))
                .hasEntrySatisfying("a.jsonl:701", error -> assertThat(error).contains("the change has no key"));
        awaitDone("a.jsonl");
        await().untilAsserted(() -> assertThat(delivered).hasSize(900));
    }

    @Test
    void aCsvFileContinuesInTheMiddleWithItsColumns() throws Exception {
        write("a.csv", "id,note\n1,\"a\nb\"\n2,\"c\nd\"\n3,e\n");
        AtomicInteger batches = new AtomicInteger();
        probe = exchange -> {
            if (batches.incrementAndGet() > 2) {
                throw new IllegalStateException("mapping failed");
            }
        };
        start("format: csv\nbatchSize: 1");
        await().until(() -> batches.get() > 3);
        assertThat(cursor().line()).isEqualTo(5);

        probe = exchange -> {};
        start("format: csv\nbatchSize: 1");
        awaitDone("a.csv");
        awaitDelivered(
                "{\"id\":\"1\",\"note\":\"a\\nb\"}",
                "{\"id\":\"2\",\"note\":\"c\\nd\"}",
                "{\"id\":\"3\",\"note\":\"e\"}");
    }

    @Test
    void aFileThatWasReplacedMeanwhileIsReadFromItsStart() throws Exception {
        write("a.jsonl", lines(0, 10));
        AtomicInteger batches = new AtomicInteger();
        probe = exchange -> {
            if (batches.incrementAndGet() > 2) {
                throw new IllegalStateException("mapping failed");
            }
        };
        start("batchSize: 3");
        await().until(() -> batches.get() > 3);
        stop();
        Files.writeString(folder.resolve("a.jsonl"), lines(100, 110));

        probe = exchange -> {};
        try (CapturedLog log = new CapturedLog(FileSource.class)) {
            start("batchSize: 3");
            awaitDone("a.jsonl");
            assertThat(log.lines()).anyMatch(line -> line.contains("is not the one that was read up to byte"));
        }
        assertThat(accepted()).hasSize(16);
    }

    @Test
    void aFileWhoseBeginningWasRewrittenIsReadFromItsStart() throws Exception {
        String padding = "{\"id\":\"p\",\"text\":\"" + "x".repeat(9_000) + "\"}\n";
        write("a.jsonl", "{\"id\":\"a\"}\n" + padding + lines(0, 2));
        AtomicInteger batches = new AtomicInteger();
        probe = exchange -> {
            if (batches.incrementAndGet() == 2) {
                // The same length, and the same bytes before the offset that was reached.
                Files.writeString(folder.resolve("a.jsonl"), "{\"id\":\"b\"}\n" + padding + lines(0, 2));
            }
        };
        start("batchSize: 1");

        awaitDone("a.jsonl");
        assertThat(accepted().stream().map(entry -> entry.change().key())).contains("a", "b", "k0", "k1");
    }

    @Test
    void aFileThatIsWrittenWhileItIsReadIsLeftUntilItIsUnchanged() throws Exception {
        write("a.jsonl", lines(0, 2));
        Files.setLastModifiedTime(
                folder.resolve("a.jsonl"), FileTime.from(Instant.now().minus(Duration.ofDays(1))));
        AtomicInteger batches = new AtomicInteger();
        probe = exchange -> {
            if (batches.incrementAndGet() == 2) {
                Files.writeString(folder.resolve("a.jsonl"), lines(0, 2) + "{\"id\":");
            }
        };
        start("batchSize: 1\nquiet: 1h");
        await().until(() -> accepted().size() == 2);

        Files.writeString(folder.resolve("a.jsonl"), lines(0, 3));
        Files.setLastModifiedTime(
                folder.resolve("a.jsonl"), FileTime.from(Instant.now().minus(Duration.ofHours(2))));
        awaitDone("a.jsonl");
        assertThat(accepted().stream().map(entry -> entry.change().key())).containsExactlyInAnyOrder("k0", "k1", "k2");
    }

    @Test
    void onlyFilesWithAMarkerAreRead() throws Exception {
        write("a.jsonl", lines(0, 1));
        write("b.jsonl", lines(1, 2));
        write("b.jsonl.ok", "");
        start("doneFile: .ok\ninclude: \".*\"");

        awaitDone("b.jsonl");
        assertThat(folder.resolve("b.jsonl.ok")).doesNotExist();
        assertThat(folder.resolve("a.jsonl")).exists();
        write("a.jsonl.ok", "");
        awaitDone("a.jsonl");
        assertThat(accepted()).hasSize(2);
    }

    @Test
    void packedFilesContinueInTheMiddle() throws Exception {
        Path hidden = folder.resolve(".a.jsonl.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(hidden))) {
            out.write((lines(0, 20) + "broken\n").getBytes(UTF_8));
        }
        Files.move(hidden, folder.resolve("a.jsonl.gz"));
        AtomicInteger batches = new AtomicInteger();
        probe = exchange -> {
            if (batches.incrementAndGet() > 2) {
                throw new IllegalStateException("mapping failed");
            }
        };
        start("batchSize: 5");
        await().until(() -> batches.get() > 2);

        probe = exchange -> {};
        start("batchSize: 5");
        awaitDone("a.jsonl.gz");
        assertThat(accepted()).hasSize(21);
        assertThat(deadLetters(1)).containsKey("a.jsonl.gz:21");
        assertThat(folder.resolve(".unpacked")).isEmptyDirectory();
    }

    @Test
    void aPackedFileThatIsTooLargeIsMovedWithItsReason() throws Exception {
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(folder.resolve("a.jsonl.gz")))) {
            out.write(lines(0, 100).getBytes(UTF_8));
        }
        start("unpackedBytes: 100");

        Path reason = folder.resolve(".failed/a.jsonl.gz.reason.txt");
        await().until(() -> Files.exists(reason) && Files.size(reason) > 0);
        assertThat(reason).content().contains("larger than the 100 bytes that unpackedBytes allows");
        assertThat(accepted()).isEmpty();
    }

    @Test
    void aCursorOfAnEarlierVersionIsAPosition() {
        String saved = "{\"file\":\"a\",\"offset\":5,\"line\":1,\"before\":\"00\",\"done\":true}";
        assertThat(FileCursor.parse(saved)).isEqualTo(new FileCursor("a", 5, 1, 0, 0, 0, "", true));
    }

    @Test
    void aSecondFileOfTheSameNameIsReadAndReplacesNoFile() throws Exception {
        start("");
        write("a.jsonl", lines(0, 3));
        awaitDone("a.jsonl");
        await().until(() -> cursor().done());
        write("a.jsonl", lines(0, 3) + lines(3, 4));

        awaitDone("a.jsonl.1");
        assertThat(accepted()).hasSize(7);
    }

    @Test
    void aFileThatIsStillWrittenIsNotRead() throws Exception {
        Path growing = folder.resolve("a.jsonl");
        Files.writeString(growing, "{\"id\":\"x\"}\n");
        Files.setLastModifiedTime(growing, FileTime.from(Instant.now().plus(Duration.ofHours(1))));
        start("quiet: 1h");
        write("b.jsonl", "{\"id\":\"y\"}\n");
        Files.setLastModifiedTime(
                folder.resolve("b.jsonl"), FileTime.from(Instant.now().minus(Duration.ofHours(2))));

        awaitDone("b.jsonl");
        awaitDelivered("{\"id\":\"y\"}");
        assertThat(growing).exists();
    }

    @Test
    void linksSubfoldersAndOtherNamesAreIgnored() throws Exception {
        Path outside = Files.writeString(data.resolve("outside.jsonl"), "{\"id\":\"secret\"}\n");
        Files.createSymbolicLink(folder.resolve("link.jsonl"), outside);
        Files.createDirectories(folder.resolve("dir.jsonl"));
        Files.writeString(folder.resolve("other.txt"), "{\"id\":\"other\"}\n");
        Files.writeString(folder.resolve(".hidden.jsonl"), "{\"id\":\"hidden\"}\n");
        write("z.jsonl", "{\"id\":\"z\"}\n");
        start("");

        awaitDone("z.jsonl");
        awaitDelivered("{\"id\":\"z\"}");
        assertThat(outside).exists();
    }

    @Test
    void theFolderForFinishedFilesCannotBeOutside() throws Exception {
        assertThatThrownBy(() -> start("done: ../elsewhere")).hasStackTraceContaining("leads out of");
        runner.close();
        Path elsewhere = Files.createDirectories(data.resolve("elsewhere"));
        Files.createSymbolicLink(folder.resolve("finished"), elsewhere);
        assertThatThrownBy(() -> start("done: finished")).hasStackTraceContaining("is a link that leads out of");
    }

    @Test
    void aFileWithoutUsableColumnsIsMovedAndTheReasonLogged() throws Exception {
        write("a.csv", "id,id\n1,2\n");
        write("b.csv", "id\n1\n");
        try (CapturedLog log = new CapturedLog(FileSource.class)) {
            start("format: csv");

            awaitDone("b.csv");
            assertThat(folder.resolve(".failed/a.csv")).exists();
            assertThat(log.lines()).anyMatch(line -> line.contains("a.csv") && line.contains("a unique name"));
            assertThat(folder.resolve(".failed/a.csv.reason.txt")).content().contains("a unique name");
        }
    }

    @Test
    void includeIsARegularExpression() throws Exception {
        write("orders-1.txt", "{\"id\":\"x\"}\n");
        write("orders-a.txt", "{\"id\":\"y\"}\n");
        start("include: \"orders-\\\\d+\\\\.txt\"");

        awaitDone("orders-1.txt");
        assertThat(folder.resolve("orders-a.txt")).exists();
    }

    @Test
    void aRouteMayPassOnSingleRecords() throws Exception {
        runner = new KameletRunner(data);
        runner.with("""
                - route:
                    id: orders-in
                    from:
                      uri: kamelet:file-source
                      parameters: { directory: "{{folder}}", interval: 50ms, quiet: 0s }
                      steps:
                        - split:
                            expression: { simple: { expression: "${body}" } }
                            steps:
                              - to: { uri: "ledger:orders", parameters: { key: "${jq(.id)}" } }
                """, Map.of("folder", folder.toString())).start();
        write("a.jsonl", "{\"id\":\"x\"}\nbroken\n");

        awaitDone("a.jsonl");
        assertThat(accepted().stream().map(entry -> entry.change().key())).containsExactlyInAnyOrder("x", "a.jsonl:2");
        assertThat(cursor().records()).isEqualTo(2);
    }

    @Test
    void invalidOptionsFailTheStart() throws Exception {
        assertThatThrownBy(() -> new FileSource("", "csv", ",")).hasMessageContaining("directory is not set");
        assertThatThrownBy(() -> new FileSource("x", "xml", ",")).hasMessageContaining("jsonl or csv");
        assertThatThrownBy(() -> new FileSource("x", "csv", "::")).hasMessageContaining("one character");
        assertThatThrownBy(() -> new FileSource("x", "csv", ",").setInclude("("))
                .hasMessageContaining("include");
        assertThatThrownBy(() -> new FileSource("x", "csv", ",").setDoneFile("../ok"))
                .hasMessageContaining("doneFile");
        assertThatThrownBy(() -> start("format: csv\nheader: false")).hasStackTraceContaining("need each other");
        runner.close();
        assertThatThrownBy(() -> start("format: csv\nheader: false\ncolumns: a,a"))
                .hasStackTraceContaining("unique name");
    }

    @Test
    void aNegativeQuietTimeIsRefused() {
        FileSource source = new FileSource("in", "jsonl", ",");
        assertThatThrownBy(() -> source.setQuiet("-1s")).hasMessageContaining("quiet must not be negative");
    }

    @Test
    void aBadRecordStopsTheSourceIfItShould() throws Exception {
        try (CapturedLog log = new CapturedLog(FileSource.class)) {
            start("onBroken: stop");
            write("a.jsonl", lines(0, 3) + "{broken\n" + lines(3, 5));
            await().until(() -> log.lines().stream()
                    .anyMatch(line -> line.contains("a.jsonl:4") && line.contains("onBroken: stop")));
        }
        awaitDelivered(lines(0, 3).split("\n"));
        assertThat(runner.ledger().dead(DeliveryFilter.ALL, 0, 10)).isEmpty();
        assertThat(folder.resolve("a.jsonl")).exists();

        Files.writeString(folder.resolve("a.jsonl"), lines(0, 3) + "{\"id\":\"b\"}\n" + lines(3, 5));
        awaitDone("a.jsonl");
        await().until(() -> delivered.size() >= 6);
    }
}
