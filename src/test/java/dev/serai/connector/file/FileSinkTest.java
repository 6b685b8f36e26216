package dev.serai.connector.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.camel.ledger.OutcomeReader;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.support.KameletRunner;
import dev.serai.support.Patience;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileSinkTest {
    private static final String ROUTE = """
            - route:
                from:
                  uri: direct:in
                  steps:
                    - to:
                        uri: kamelet:file-sink
                        parameters:
                          directory: "{{folder}}"
            %s
            """;

    @TempDir
    private Path data;

    private KameletRunner runner;

    private Path folder() {
        return data.resolve("out + in");
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
        runner.with(ROUTE.formatted(parameters.indent(14).stripTrailing()), Map.of("folder", folder().toString()))
                .start();
    }

    private Exchange send(String key, String body) {
        return runner.send(
                "direct:in", body.getBytes(UTF_8), Map.of("CamelLedgerFlow", "orders", "CamelLedgerKey", key));
    }

    private void sent(String key, String body) {
        assertThat(send(key, body).getException()).isNull();
    }

    private String text(String name) throws IOException {
        return Files.readString(folder().resolve(name));
    }

    private static String refusal(Exchange exchange) {
        Outcome outcome = new OutcomeReader(Clock.systemUTC()).of(exchange);
        assertThat(outcome).isInstanceOf(Outcome.Refused.class);
        return ((Outcome.Refused) outcome).error();
    }

    @Test
    void eachChangeIsALineOfTheDaysFile() throws Exception {
        LocalDate before = LocalDate.now(ZoneOffset.UTC);
        start("");
        sent("a", "{\n  \"id\": \"a\",\n  \"price\": 1.10, \"note\": \"two\\nlines\"\n}");
        runner.sendOk(
                "direct:in",
                new byte[0],
                Map.of(
                        "CamelLedgerFlow",
                        "orders",
                        "CamelLedgerKey",
                        "a",
                        "CamelLedgerVersion",
                        "7",
                        "CamelLedgerOperation",
                        "delete"));
        LocalDate after = LocalDate.now(ZoneOffset.UTC);

        List<Path> files;
        try (Stream<Path> found = Files.list(folder())) {
            files = found.toList();
        }
        assertThat(files)
                .extracting(file -> file.getFileName().toString())
                .allMatch(name ->
                        name.equals("orders-" + before + ".jsonl") || name.equals("orders-" + after + ".jsonl"));
        assertThat(Files.readString(files.get(0)))
                .startsWith("{\"id\":\"a\",\"price\":1.10,\"note\":\"two\\nlines\"}\n");
        assertThat(files.stream().map(FileSinkTest::read))
                .anyMatch(text -> text.endsWith("{\"key\":\"a\",\"version\":\"7\",\"deleted\":true}\n"));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void theFirstChangeNamesTheColumnsOfCsv() throws Exception {
        start("format: csv\nfileName: a.csv");
        sent("1", "{\"id\":1,\"note\":\"a, \\\"b\\\"\\nc\",\"more\":{\"x\":[1]}}");
        sent("2", "{\"more\":null,\"id\":2}");
        assertThat(refusal(send("3", "{\"id\":3,\"new\":1}"))).contains("no column for the field \"new\"");
        stop();
        runner = null;
        start("format: csv\nfileName: a.csv");
        sent("4", "{\"note\":\"again\",\"id\":4}");

        assertThat(text("a.csv")).isEqualTo("id,note,more\n1,\"a, \"\"b\"\"\nc\",\"{\"\"x\"\":[1]}\"\n2,,\n4,again,\n");
    }

    @Test
    void namesMayComeFromTheChange() throws Exception {
        start("fileName: \"${header.CamelLedgerFlow}/${header.CamelLedgerKey}.jsonl\"");
        sent("ä+b%20&c", "{}");

        assertThat(text("orders/ä+b%20&c.jsonl")).isEqualTo("{}\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"../x", "a/../../x", "..", ".", "", "a//b", "a\u0000b", "a\\..\\b", "a\nb", "link/x", "here"})
    void noNameLeadsOutOfTheDirectory(String key) throws Exception {
        Path outside = Files.createDirectories(data.resolve("outside"));
        start("fileName: \"${header.CamelLedgerKey}\"");
        Files.createSymbolicLink(folder().resolve("link"), outside);
        Files.createSymbolicLink(folder().resolve("here"), outside.resolve("file"));

        assertThat(refusal(send(key, "{}"))).contains("is refused");
        assertThat(outside).isEmptyDirectory();
        try (Stream<Path> beside = Files.list(data)) {
            assertThat(beside.map(path -> path.getFileName().toString()))
                    .doesNotContain("x")
                    .contains("outside");
        }
    }

    @Test
    void anAbsoluteNameIsRefused() throws Exception {
        start("fileName: \"${header.CamelLedgerKey}\"");

        assertThat(refusal(send(data.resolve("x").toString(), "{}"))).contains("absolute");
        assertThat(data.resolve("x")).doesNotExist();
    }

    @Test
    void anIncompleteLastLineIsRemovedAndACompleteOneIsEnded() throws Exception {
        Files.createDirectories(folder());
        Files.writeString(folder().resolve("torn"), "{\"n\":1}\n{\"n\":2,\"te");
        Files.writeString(folder().resolve("whole"), "{\"n\":1}\n{\"n\":2}");
        Files.writeString(folder().resolve("number"), "12");
        start("fileName: \"${header.CamelLedgerKey}\"");
        sent("torn", "{\"n\":3}");
        sent("whole", "{\"n\":3}");
        sent("number", "{\"n\":3}");

        assertThat(text("torn")).isEqualTo("{\"n\":1}\n{\"n\":3}\n");
        assertThat(text("whole")).isEqualTo("{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n");
        assertThat(text("number")).isEqualTo("{\"n\":3}\n");
    }

    @Test
    void anIncompleteCsvRecordIsRemovedFromItsStart() throws Exception {
        Files.createDirectories(folder());
        Files.writeString(folder().resolve("torn"), "id,note\n1,\"a\nb\"\n2,\"c\nd");
        Files.writeString(folder().resolve("columns"), "id,no");
        start("format: csv\nfileName: \"${header.CamelLedgerKey}\"");
        sent("torn", "{\"id\":3,\"note\":\"x\"}");
        sent("columns", "{\"id\":3,\"note\":\"x\"}");

        assertThat(text("torn")).isEqualTo("id,note\n1,\"a\nb\"\n3,x\n");
        assertThat(text("columns")).isEqualTo("id,note\n3,x\n");
    }

    @Test
    void aBodyThatIsNotJsonIsRefused() throws Exception {
        start("");
        assertThat(refusal(send("a", "<x/>"))).contains("the body is not JSON");
        assertThat(refusal(send("a", ""))).contains("the body is empty");
        assertThat(refusal(send("a", "{} {}"))).contains("the body is not JSON");
    }

    @Test
    void concurrentDeliveriesDoNotMix() throws Exception {
        start("fileName: \"${header.CamelLedgerKey}\"");
        ExecutorService pool = Executors.newFixedThreadPool(8);
        CountDownLatch done = new CountDownLatch(400);
        IntStream.range(0, 400)
                .forEach(i -> pool.execute(() -> {
                    sent("file" + i % 100, "{\"n\":" + i + ",\"text\":\"" + "x".repeat(5_000) + "\"}");
                    done.countDown();
                }));
        assertThat(done.await(Patience.MAX_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
        pool.shutdown();

        for (int i = 0; i < 100; i++) {
            assertThat(Files.readAllLines(folder().resolve("file" + i)))
                    .hasSize(4)
                    .allMatch(line -> line.startsWith("{\"n\":") && line.endsWith("x\"}"));
        }
    }

    @Test
    void aBatchOfDeliveriesIsWrittenInItsOrder() throws Exception {
        start("fileName: all");
        List<Exchange> batch = Stream.of("{\"n\":1}", "{\"n\":2}")
                .map(body -> {
                    Exchange one = new DefaultExchange(runner.context);
                    one.getMessage().setBody(body.getBytes(UTF_8));
                    return one;
                })
                .toList();
        runner.sendOk("direct:in", batch, Map.of());

        assertThat(text("all")).isEqualTo("{\"n\":1}\n{\"n\":2}\n");
    }

    @Test
    void aMovedFileIsCreatedAgain() throws Exception {
        start("fileName: all");
        sent("a", "{\"n\":1}");
        Files.move(folder().resolve("all"), folder().resolve("old"));
        sent("a", "{\"n\":2}");

        assertThat(text("old")).isEqualTo("{\"n\":1}\n");
        assertThat(text("all")).isEqualTo("{\"n\":2}\n");
    }

    @Test
    void aSecondWriterToAFileIsRefused() throws Exception {
        start("fileName: all");
        sent("a", "{\"n\":1}");
        FileSink other = new FileSink(folder().toString(), "jsonl");
        other.setFileName("all");
        other.start();
        Exchange exchange = new DefaultExchange(runner.context);
        exchange.getMessage().setBody("{}".getBytes(UTF_8));

        assertThatThrownBy(() -> other.process(exchange)).hasMessageContaining("another route or process writes to");
        other.stop();
    }

    @Test
    void invalidOptionsFailTheStart() {
        assertThatThrownBy(() -> new FileSink("", "csv")).hasMessageContaining("directory is not set");
        assertThatThrownBy(() -> new FileSink("x", "xml")).hasMessageContaining("jsonl or csv");
    }
}
