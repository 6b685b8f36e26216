package dev.serai.connector.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.camel.SourceRegistry;
import dev.serai.camel.SourceReport;
import dev.serai.camel.SourceState;
import dev.serai.camel.ledger.OutcomeReader;
import dev.serai.connector.SinkContract;
import dev.serai.connector.pull.PullSourceContract;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.StoreException;
import dev.serai.support.CapturedLog;
import dev.serai.support.KafkaBroker;
import dev.serai.support.KameletRunner;
import dev.serai.support.RefusingPort;
import dev.serai.text.ExactJson;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Kamelets {@code kafka-source} and {@code kafka-sink} with a real broker. */
class KafkaKameletsIT extends PullSourceContract {
    private static final String IN = """
            - route:
                id: orders-in
                from:
                  uri: kamelet:kafka-source
                  parameters: { brokers: "{{brokers}}", topic: "{{topic}}", groupId: "{{topic}}" }
                  steps:
                    - process: { ref: probe }
                    - to:
                        uri: ledger:orders
                        parameters:
                          batch: true
                          id: "${header.CamelLedgerId}"
                          key: "${header.CamelLedgerKey}"
                          version: "${header[CamelKafkaOffset]}"
                          operation: "${header.CamelLedgerOperation}"
            """;
    private static final String OUT = """
            - route:
                from:
                  uri: direct:in
                  steps:
                    - to:
                        uri: kamelet:kafka-sink
                        parameters: { brokers: "{{brokers}}", topic: "{{topic}}", timeout: 60s }
            """;

    @TempDir
    private static Path folder;

    private static KafkaBroker broker;
    private static final AtomicInteger TOPICS = new AtomicInteger();

    @TempDir
    private Path data;

    @AutoClose
    private final KameletRunner runner = new KameletRunner(() -> data);

    private String topic;
    private volatile Processor probe = exchange -> {};

    @BeforeAll
    static void startBroker() {
        broker = new KafkaBroker(folder);
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @BeforeEach
    void prepare() throws Exception {
        topic = "topic-" + TOPICS.incrementAndGet();
        broker.createTopic(topic, 2);
        runner.context.getRegistry().bind("probe", (Processor) exchange -> probe.process(exchange));
    }

    private void start(String route) throws Exception {
        runner.with(route, Map.of("brokers", broker.brokers(), "topic", topic)).start();
    }

    private ProducerRecord<byte[], byte[]> record(int partition, String key, String value, Header... headers) {
        return new ProducerRecord<>(
                topic,
                partition,
                key == null ? null : key.getBytes(UTF_8),
                value == null ? null : value.getBytes(UTF_8),
                List.of(headers));
    }

    // ---- As a source like any other

    @Override
    protected String kamelet() {
        return "kafka-source";
    }

    @Override
    protected String options() {
        return """
                brokers: "{{brokers}}"
                topic: "{{topic}}"
                groupId: "{{topic}}"
                batchSize: 2
                """;
    }

    @Override
    protected String ofAnotherReader() {
        return ""; // see offerAgain
    }

    @Override
    protected String ledgerOptions() {
        return "key: \"${header.CamelLedgerKey}\"";
    }

    @Override
    protected Map<String, String> properties() {
        return Map.of("brokers", broker.brokers(), "topic", topic);
    }

    @Override
    protected void write(String... keys) throws Exception {
        for (String key : keys) {
            broker.send(List.of(record(0, key, key)));
        }
    }

    @Override
    protected void writeBroken() throws Exception {
        broker.send(List.of(record(0, null, "without a key")));
    }

    @Override
    protected void offerAgain() throws Exception {
        stopPull();
        broker.rewind(topic, topic, 2);
    }

    @Override
    protected void takeAway() {
        throw new UnsupportedOperationException();
    }

    @Override
    protected void bringBack() {
        throw new UnsupportedOperationException();
    }

    // ---- Its own promises

    private static Header header(String name, String value) {
        return new RecordHeader(name, value.getBytes(UTF_8));
    }

    private List<Change> accepted() {
        return runner.accepted("orders").stream()
                .sorted(Comparator.comparingLong(Entry::sequence))
                .map(entry -> runner.ledger()
                        .change("orders", entry.sequence())
                        .orElseThrow()
                        .change())
                .toList();
    }

    @Test
    void aRecordBecomesAChangeWithItsKeyIdHeadersAndOperation() throws Exception {
        start(IN);
        broker.send(List.of(
                record(0, "ä", "{\"a\":1}", header("Content-Type", "application/json"), header("trace", "t-1")),
                record(0, "k", "second", header("Idempotency-Key", "own-id")),
                record(0, "k", null),
                new ProducerRecord<>(topic, 0, new byte[] {0, 1, (byte) 0xff}, "fourth".getBytes(UTF_8))));

        await().until(() -> accepted().size() == 4);
        assertThat(accepted())
                .extracting(Change::id)
                .containsExactly(topic + "-0-0", "own-id", topic + "-0-2", topic + "-0-3");
        assertThat(accepted()).extracting(Change::key).containsExactly("ä", "k", "k", "0x0001ff");
        assertThat(accepted()).extracting(Change::version).containsExactly("0", "1", "2", "3");
        assertThat(accepted())
                .extracting(Change::operation)
                .containsExactly(Operation.UPSERT, Operation.UPSERT, Operation.DELETE, Operation.UPSERT);
        assertThat(accepted().get(0).contentType()).isEqualTo("application/json");
        assertThat(accepted().get(0).headers()).isEqualTo(Map.of("trace", "t-1"));
        assertThat(accepted().get(2).body()).isEmpty();
        await().until(() -> broker.committed(topic) == 4);
    }

    @Test
    void aBatchThatTheLedgerRefusesIsReadAgainAfterAWaitAndNotCommitted() throws Exception {
        AtomicInteger tried = new AtomicInteger();
        probe = exchange -> {
            if (tried.incrementAndGet() <= 2) {
                assertThat(broker.committed(topic)).isZero();
                throw new LedgerException.Unavailable("the disk is full", new StoreException("full"));
            }
        };
        try (CapturedLog log = new CapturedLog(KafkaSource.class)) {
            start(IN);
            broker.send(List.of(record(0, "a", "1"), record(1, "b", "2"), record(0, "a", "3")));

            await().until(() -> accepted().size() == 3);
            await().until(() -> broker.committed(topic) == 3);
            assertThat(log.lines()).hasSize(2);
            assertThat(log.lines().get(0))
                    .startsWith("WARN Kafka " + topic + ": a batch of")
                    .contains("the disk is full", "again in 1 s");
            assertThat(log.lines().get(1)).contains("a batch was accepted again");
        }
        assertThat(report().state()).isEqualTo(SourceState.OK);
        assertThat(report().failedRuns()).isEqualTo(2);
        assertThat(tried.get()).isLessThan(6);
    }

    @Test
    void aStopEndsTheWaitAndAStartContinues() throws Exception {
        AtomicInteger tried = new AtomicInteger();
        probe = exchange -> {
            if (tried.incrementAndGet() <= 3) {
                throw new LedgerException.Overloaded("too much", Duration.ofSeconds(1));
            }
        };
        start(IN);
        broker.send(List.of(record(0, "a", "1")));
        await().until(() -> tried.get() == 3);

        runner.context.getRouteController().stopRoute("orders-in");
        assertThat(accepted()).isEmpty();
        runner.context.getRouteController().startRoute("orders-in");
        await().until(() -> accepted().size() == 1);
    }

    private SourceReport report() {
        List<SourceReport> reports = SourceRegistry.of(runner.context).reports();
        assertThat(reports).hasSize(1);
        return reports.get(0);
    }

    private static String reason(Change change) {
        return change.headers().getOrDefault("Serai-Invalid", "");
    }

    @Test
    void aRecordWithoutAKeyBecomesADeadLetterAndTheOthersGoOn() throws Exception {
        start(IN);
        broker.send(List.of(record(1, null, "1"), record(1, "b", "2"), record(0, "a", "3")));

        await().until(() -> accepted().size() == 3);
        await().until(() -> broker.committed(topic) == 3);
        assertThat(accepted()).extracting(Change::key).containsExactlyInAnyOrder(topic + "-1-0", "b", "a");
        Change broken = byKey(topic + "-1-0");
        assertThat(reason(broken)).startsWith(topic + "-1-0: ").contains("has no key");
        assertThat(broken.body()).isEqualTo("1".getBytes(UTF_8));
        await().until(() -> report().state() == SourceState.OK);
        assertThat(report().kind()).isEqualTo("kafka");
        assertThat(report().name()).isEqualTo("orders-in");
        assertThat(report().flows()).containsExactly("orders");
        assertThat(report().records()).isEqualTo(3);
        assertThat(report().broken()).isEqualTo(1);
        assertThat(report().newestAt()).isNotNull();
    }

    private Change byKey(String key) {
        return accepted().stream()
                .filter(change -> change.key().equals(key))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aValueThatIsNotWhatTheRouteExpectsBecomesADeadLetter() throws Exception {
        start(IN.replace("${header.CamelLedgerKey}", "${jq(.id)}"));
        broker.send(
                List.of(record(0, "k", "{\"id\":\"x\"}"), record(0, "k", "no JSON"), record(0, "k", "{\"id\":\"y\"}")));

        await().until(() -> accepted().size() == 3);
        assertThat(accepted()).extracting(Change::key).containsExactly("x", topic + "-0-1", "y");
        assertThat(new String(byKey(topic + "-0-1").body(), UTF_8)).isEqualTo("no JSON");
        await().until(() -> broker.committed(topic) == 3);
    }

    @Test
    void aRecordThatIsTooLargeBecomesADeadLetterOfWhichTheBeginningIsKept() throws Exception {
        start(IN.replace("groupId:", "recordBytes: 100000, groupId:"));
        broker.send(List.of(record(0, "a", "x".repeat(100_001)), record(0, "b", "small")));

        await().until(() -> accepted().size() == 2);
        Change broken = byKey(topic + "-0-0");
        assertThat(reason(broken)).contains("it has 100001 bytes, more than recordBytes=100000", "are kept");
        assertThat(broken.body()).hasSize(65_536);
        assertThat(byKey("b").body()).isEqualTo("small".getBytes(UTF_8));
        await().until(() -> broker.committed(topic) == 2);
    }

    @Test
    void withoutIdAndOperationTheRecordsOwnHoldSoThatWhatIsReadAgainIsRecognised() throws Exception {
        start("""
                - route:
                    from:
                      uri: kamelet:kafka-source
                      parameters: { brokers: "{{brokers}}", topic: "{{topic}}", groupId: "{{topic}}" }
                      steps:
                        - to: { uri: "ledger:orders", parameters: { batch: true, key: "${header.CamelLedgerKey}" } }
                """);
        broker.send(List.of(record(0, "k", "1"), record(0, "k", null)));

        await().until(() -> broker.committed(topic) == 2);
        assertThat(accepted()).extracting(Change::operation).containsExactly(Operation.UPSERT, Operation.DELETE);
        assertThat(accepted()).extracting(Change::id).containsExactly(topic + "-0-0", topic + "-0-1");

        runner.context.getRouteController().stopAllRoutes();
        broker.rewind(topic, topic, 2);
        broker.send(List.of(record(0, "k", "3")));
        runner.context.getRouteController().startAllRoutes();
        await().until(() -> broker.committed(topic) == 3);
        assertThat(accepted()).extracting(Change::id).containsExactly(topic + "-0-0", topic + "-0-1", topic + "-0-2");
        assertThat(report().duplicates()).isEqualTo(2);
    }

    /** Without a broker; one that comes back would have another address. */
    @Override
    @Test
    public void aSourceThatIsDownIsFailingWithTheReasonAndGoesOnByItself() throws Exception {
        try (RefusingPort nobody = new RefusingPort();
                KameletRunner lonely = new KameletRunner(() -> data.resolve("lonely"))) {
            lonely.context.getRegistry().bind("probe", (Processor) exchange -> {});
            lonely.with(IN, Map.of("brokers", "127.0.0.1:" + nobody.number(), "topic", topic))
                    .start();
            SourceRegistry sources = SourceRegistry.of(lonely.context);
            assertThat(sources.reports()).singleElement().satisfies(report -> {
                assertThat(report.state()).isEqualTo(SourceState.FAILING);
                assertThat(report.reason()).contains("there is no connection to 127.0.0.1:" + nobody.number());
            });
        }
        start(IN);
        await().until(() -> report().state() == SourceState.OK);
    }

    @Test
    void headersThatControlCamelAreDropped() throws Exception {
        start(IN);
        broker.send(List.of(record(
                0,
                "k",
                "v",
                header("CamelHttpUri", "http://evil"),
                header("KAFKA.override_topic", "evil"),
                header("Long-Running-Action", "evil"),
                new RecordHeader("binary", new byte[] {(byte) 0xff}),
                header("kept", "yes"))));

        await().until(() -> accepted().size() == 1);
        assertThat(accepted().get(0).headers()).isEqualTo(Map.of("kept", "yes"));
    }

    private static Map<String, Object> change() {
        Map<String, Object> headers = new HashMap<>();
        headers.put("CamelLedgerId", "id 1");
        headers.put("CamelLedgerFlow", "orders");
        headers.put("CamelLedgerKey", "schlüssel");
        headers.put("CamelLedgerVersion", "7");
        headers.put("CamelLedgerSequence", 17L);
        headers.put("CamelLedgerAttempt", 2);
        headers.put("CamelLedgerOperation", "upsert");
        headers.put("Content-Type", "application/json");
        return headers;
    }

    private static Map<String, String> headers(ConsumerRecord<byte[], byte[]> record) {
        Map<String, String> headers = new TreeMap<>();
        record.headers().forEach(header -> headers.put(header.key(), new String(header.value(), UTF_8)));
        return headers;
    }

    @Test
    void theTopicGetsTheKeyTheBodyAndExactlyTheDocumentedHeaders() throws Exception {
        broker.createTopic("evil-" + topic, 1);
        start(OUT);
        Map<String, Object> headers = change();
        headers.put("CamelKafkaOverrideTopic", "evil-" + topic);
        headers.put("CamelKafkaPartitionKey", 1);
        headers.put("Authorization", "Bearer of-the-caller");
        headers.put("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

        Exchange sent = runner.sendOk("direct:in", "{\"a\":\"ä\"}".getBytes(UTF_8), headers);

        assertThat(sent.getMessage().getHeader("CamelLedgerKey")).isEqualTo("schlüssel");
        assertThat(broker.read("evil-" + topic)).isEmpty();
        assertThat(broker.read(topic)).singleElement().satisfies(record -> {
            assertThat(new String(record.key(), UTF_8)).isEqualTo("schlüssel");
            assertThat(new String(record.value(), UTF_8)).isEqualTo("{\"a\":\"ä\"}");
            assertThat(headers(record))
                    .isEqualTo(Map.of(
                            "Content-Type", "application/json",
                            "Idempotency-Key", "id 1",
                            "Serai-Flow", "orders",
                            "Serai-Key", "schlüssel",
                            "Serai-Operation", "upsert",
                            "Serai-Version", "7",
                            "Serai-Sequence", "17",
                            "Serai-Attempt", "2",
                            "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
        });
    }

    @Test
    void aDeleteWithoutABodyIsARecordWithoutAValue() throws Exception {
        start(OUT);
        Map<String, Object> headers = change();
        headers.put("CamelLedgerOperation", "delete");

        runner.sendOk("direct:in", new byte[0], headers);

        assertThat(broker.read(topic)).singleElement().satisfies(record -> assertThat(record.value())
                .isNull());
    }

    @Test
    void aRecordThatIsTooLargeIsRefused() throws Exception {
        start(OUT);

        Exchange failed = runner.send("direct:in", new byte[1_100_000], change());

        assertThat(new OutcomeReader(Clock.systemUTC()).of(failed))
                .isInstanceOfSatisfying(Outcome.Refused.class, refused -> assertThat(refused.error())
                        .contains("1100", "larger than 1048576"));
    }

    private Exchange change(String key, String id, byte[] body) {
        Map<String, Object> headers = change();
        headers.put("CamelLedgerKey", key);
        headers.put("CamelLedgerId", id);
        return runner.change(body, headers);
    }

    @Test
    void aBatchIsWrittenInItsOrderEachRecordWithItsOwnKeyAndHeaders() throws Exception {
        start(OUT);
        List<Exchange> batch = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            batch.add(change("k" + i % 3, "id-" + i, ("v" + i).getBytes(UTF_8)));
        }
        Exchange deleted = change("k0", "id-40", new byte[0]);
        deleted.getMessage().setHeader("CamelLedgerOperation", "delete");
        batch.add(deleted);

        runner.sendOk("direct:in", batch, Map.of());

        List<ConsumerRecord<byte[], byte[]>> written = broker.read(topic);
        assertThat(written).hasSize(41);
        for (int k = 0; k < 3; k++) {
            String key = "k" + k;
            List<ConsumerRecord<byte[], byte[]>> ofKey = written.stream()
                    .filter(record -> new String(record.key(), UTF_8).equals(key))
                    .toList();
            List<String> ids = new ArrayList<>();
            for (int i = k; i < 40; i += 3) {
                ids.add("id-" + i);
            }
            if (k == 0) {
                ids.add("id-40");
            }
            assertThat(ofKey)
                    .extracting(record -> headers(record).get("Idempotency-Key"))
                    .containsExactlyElementsOf(ids);
            assertThat(ofKey).allSatisfy(record -> assertThat(headers(record)).containsEntry("Serai-Key", key));
            assertThat(ofKey.get(1).value()).isEqualTo(("v" + (k + 3)).getBytes(UTF_8));
        }
        assertThat(written).filteredOn(record -> record.value() == null).hasSize(1);
    }

    @Test
    void aBatchWithARecordThatIsTooLargeIsRefusedAndItsChangesCanBeSentAgain() throws Exception {
        start(OUT);
        List<Exchange> batch = List.of(
                change("a", "id-1", "v".getBytes(UTF_8)),
                change("b", "id-2", new byte[1_100_000]),
                change("c", "id-3", "v".getBytes(UTF_8)));

        Exchange failed = runner.send("direct:in", batch, Map.of());

        assertThat(new OutcomeReader(Clock.systemUTC()).of(failed))
                .isInstanceOfSatisfying(Outcome.Refused.class, refused -> assertThat(refused.error())
                        .contains("larger than 1048576"));
        runner.sendOk("direct:in", List.of(batch.get(0), batch.get(2)), Map.of());
        assertThat(broker.read(topic))
                .extracting(record -> headers(record).get("Idempotency-Key"))
                .contains("id-1", "id-3");
    }

    @Test
    void aBatchWithoutABrokerIsUnreachable() throws Exception {
        try (RefusingPort nobody = new RefusingPort()) {
            runner.with(
                            OUT.replace("timeout: 60s", "timeout: 300ms"),
                            Map.of("brokers", "127.0.0.1:" + nobody.number(), "topic", topic))
                    .start();
            List<Exchange> batch = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                batch.add(change("k", "id-" + i, new byte[1]));
            }

            Exchange failed = runner.send("direct:in", batch, Map.of());

            assertThat(new OutcomeReader(Clock.systemUTC()).of(failed)).isInstanceOf(Outcome.Unreachable.class);
        }
    }

    @Test
    void aMissingBrokerIsUnreachable() throws Exception {
        try (RefusingPort nobody = new RefusingPort()) {
            runner.with(
                            OUT.replace("timeout: 60s", "timeout: 300ms"),
                            Map.of("brokers", "127.0.0.1:" + nobody.number(), "topic", topic))
                    .start();

            Exchange failed = runner.send("direct:in", new byte[1], change());

            assertThat(new OutcomeReader(Clock.systemUTC()).of(failed)).isInstanceOf(Outcome.Unreachable.class);
        }
    }

    @Test
    void aHeaderFromOutsideDoesNotChooseTheTopicOfAPlainKafkaRoute() throws Exception {
        broker.createTopic("evil-" + topic, 1);
        start("""
                - route:
                    from:
                      uri: direct:in
                      steps:
                        - to: { uri: "ledger:orders", parameters: { key: "k" } }
                - route:
                    from:
                      uri: ledger:orders
                      parameters: { target: kafka }
                      steps:
                        - to: { uri: "kafka:{{topic}}", parameters: { brokers: "{{brokers}}" } }
                """);

        runner.sendOk("direct:in", "v", Map.of("Kafka.OVERRIDE_topic", "evil-" + topic, "kept", "yes"));

        await().until(() -> broker.read(topic).size() == 1);
        assertThat(broker.read("evil-" + topic)).isEmpty();
        assertThat(headers(broker.read(topic).get(0))).containsEntry("kept", "yes");
    }

    // ---- As a sink like any other

    @Nested
    class AsASink extends SinkContract {
        private volatile String refused = "";

        @Override
        protected String kamelet() {
            return "kafka-sink";
        }

        @Override
        protected String options() {
            return """
                    brokers: "{{brokers}}"
                    topic: "{{topic}}"
                    timeout: 2s
                    """;
        }

        @Override
        protected Map<String, String> properties() {
            return Map.of("brokers", broker.brokers(), "topic", topic);
        }

        @Override
        protected Map<String, Integer> state() throws Exception {
            Map<String, Integer> state = new TreeMap<>();
            for (ConsumerRecord<byte[], byte[]> record : broker.read(topic)) {
                JsonNode body = record.value() == null ? null : ExactJson.MAPPER.readTree(record.value());
                String key = new String(record.key(), UTF_8);
                if (body == null || body.path("gone").asBoolean()) {
                    state.remove(key);
                } else {
                    state.put(key, body.path("n").asInt());
                }
            }
            return state;
        }

        /** A broker refuses what is too large. */
        @Override
        protected void refuse(String key) {
            refused = key;
        }

        @Override
        protected String bodyOf(String key, String json) {
            return key.equals(refused) ? json.replace("}", ",\"more\":\"" + "x".repeat(2_000_000) + "\"}") : json;
        }

        @Override
        protected void takeAway() {
            broker.stop();
        }

        @Override
        protected void bringBack() {
            broker.start();
        }
    }
}
