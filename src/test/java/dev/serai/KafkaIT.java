package dev.serai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureSchemeRegistry;
import dev.serai.support.KafkaBroker;
import dev.serai.support.RecordingTarget;
import dev.serai.support.SeraiProcess;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From Kafka through the ledger to Kafka and HTTP, with a real process and a real broker that are killed under load. */
@Tag("long")
class KafkaIT {
    private static final int RECORDS = 2_000;
    private static final int KEYS = 97;
    private static final int PARTITIONS = 4;
    private static final String SECRET = "a test key of KafkaIT, good for nothing else";
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final String THROUGH = """
            - route:
                id: orders-in
                from:
                  uri: kamelet:kafka-source
                  parameters: { brokers: "{{kafka.brokers}}", topic: orders, groupId: through }
                  steps:
                    - to:
                        uri: ledger:orders
                        parameters: { batch: true, id: "${header.CamelLedgerId}", key: "${header.CamelLedgerKey}" }
            - route:
                id: orders-out
                from:
                  uri: ledger:orders
                  parameters: { target: kafka, concurrency: 32 }
                  steps:
                    - to:
                        uri: kamelet:kafka-sink
                        parameters: { brokers: "{{kafka.brokers}}", topic: out, timeout: 2s }
            """;

    @TempDir
    private static Path brokerFolder;

    private static KafkaBroker broker;

    @TempDir
    Path folder;

    @BeforeAll
    static void startBroker() {
        broker = new KafkaBroker(brokerFolder);
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    private static ConditionFactory await() {
        return Awaitility.await().pollInterval(Duration.ofMillis(500));
    }

    private SeraiProcess serai(Path routes, Map<String, String> more) {
        return serai(folder, routes, more);
    }

    private static SeraiProcess serai(Path folder, Path routes, Map<String, String> more) {
        Map<String, String> properties = new HashMap<>(Map.of(
                "kafka.brokers", broker.brokers(),
                "http-to-kafka.kafka.brokers", broker.brokers(),
                "kafka-to-http.kafka.brokers", broker.brokers()));
        properties.putAll(more);
        return SeraiProcess.run(folder, routes, properties);
    }

    private static ProducerRecord<byte[], byte[]> order(String key, int number) {
        return new ProducerRecord<>("orders", key.getBytes(UTF_8), ("{\"n\":" + number + "}").getBytes(UTF_8));
    }

    @Test
    void nothingIsLostAndEachKeyStaysInOrderWhenTheProcessIsKilledAndTheBrokerStopped() throws Exception {
        broker.createTopic("orders", PARTITIONS);
        broker.createTopic("out", PARTITIONS);
        Path routes = Files.writeString(folder.resolve("through.camel.yaml"), THROUGH);
        Random random = new Random(7);
        List<ProducerRecord<byte[], byte[]>> sent = Stream.iterate(0, i -> i + 1)
                .limit(RECORDS)
                .map(i -> order("key-" + random.nextInt(KEYS), i))
                .toList();
        int third = RECORDS / 3;

        try (SeraiProcess first = serai(routes, Map.of())) {
            broker.send(sent.subList(0, third));
            await().until(() -> !broker.read("out").isEmpty());
            first.kill();
        }
        try (SeraiProcess second = serai(routes, Map.of())) {
            broker.send(sent.subList(third, 2 * third));
            broker.stop();
            broker.start();
            broker.send(sent.subList(2 * third, RECORDS));
            await().untilAsserted(() -> assertThat(firsts()).as(second.output()).hasSize(RECORDS));
            await().untilAsserted(() ->
                    assertThat(broker.committed("through")).as(second.output()).isEqualTo(RECORDS));
            expectSame(sent);
            assertThat(second.terminate()).as(second.output()).isZero();
        }
        readAgainIsRecognised(routes);
    }

    /** The first record of each id, in the order of its partition. */
    private Map<String, ConsumerRecord<byte[], byte[]>> firsts() {
        Map<String, ConsumerRecord<byte[], byte[]>> firsts = new LinkedHashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : broker.read("out")) {
            String id =
                    new String(record.headers().lastHeader("Idempotency-Key").value(), UTF_8);
            ConsumerRecord<byte[], byte[]> before = firsts.putIfAbsent(id, record);
            if (before != null) {
                assertThat(record.value()).as("a repetition of " + id).isEqualTo(before.value());
            }
        }
        return firsts;
    }

    private void expectSame(List<ProducerRecord<byte[], byte[]>> sent) {
        Map<String, List<String>> sentByKey = new TreeMap<>();
        sent.forEach(record -> put(sentByKey, record.key(), record.value()));
        Map<String, List<String>> arrivedByKey = new TreeMap<>();
        firsts().values().forEach(record -> put(arrivedByKey, record.key(), record.value()));
        assertThat(arrivedByKey).isEqualTo(sentByKey);
    }

    private static void put(Map<String, List<String>> byKey, byte[] key, byte[] value) {
        byKey.computeIfAbsent(new String(key, UTF_8), k -> new ArrayList<>()).add(new String(value, UTF_8));
    }

    private void readAgainIsRecognised(Path routes) throws Exception {
        int before = broker.read("out").size();
        broker.rewind("through", "orders", PARTITIONS);
        try (SeraiProcess third = serai(routes, Map.of())) {
            broker.send(List.of(order("last", RECORDS)));
            await().until(() -> broker.committed("through") == RECORDS + 1);
            await().until(() -> firsts().size() == RECORDS + 1);
            assertThat(broker.read("out")).hasSize(before + 1);
            assertThat(third.terminate()).as(third.output()).isZero();
        }
    }

    @Test
    void theExamplesDeliverWebhooksToKafkaAndThenToHttp() throws Exception {
        broker.createTopic("hooks", PARTITIONS);
        try (RecordingTarget target = new RecordingTarget(1);
                SeraiProcess serai = serai(
                        Files.createDirectory(folder.resolve("in")),
                        Path.of("docs/examples/http-to-kafka.camel.yaml"),
                        Map.of("http-to-kafka.kafka.out", "hooks", "http-to-kafka.secret", SECRET));
                SeraiProcess behind = serai(
                        Files.createDirectory(folder.resolve("behind")),
                        Path.of("docs/examples/kafka-to-http.camel.yaml"),
                        Map.of("kafka-to-http.kafka.in", "hooks", "kafka-to-http.platform.url", target.url()))) {
            target.failing(0.05);
            for (int i = 0; i < 100; i++) {
                push(serai, "{\"id\":\"O-" + i % 7 + "\",\"updated_at\":" + i + "}");
            }
            await().until(() -> target.firsts().size() == 100);
            assertThat(broker.read("hooks")).hasSize(100).allSatisfy(record -> assertThat(record.headers())
                    .noneMatch(header -> header.key().equalsIgnoreCase("CamelKafkaOverrideTopic")));
            for (int key = 0; key < 7; key++) {
                String name = "O-" + key;
                List<String> expected = new ArrayList<>();
                for (int i = key; i < 100; i += 7) {
                    expected.add("{\"id\":\"" + name + "\",\"updated_at\":" + i + "}");
                }
                assertThat(target.firsts().stream()
                                .filter(arrival -> arrival.key().equals(name))
                                .map(RecordingTarget.Arrival::body))
                        .isEqualTo(expected);
            }
            assertThat(serai.terminate()).as(serai.output()).isZero();
            assertThat(behind.terminate()).as(behind.output()).isZero();
        }
    }

    private static void push(SeraiProcess serai, String body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(serai.flowsUrl() + "/hooks/http-to-kafka"))
                .header("Content-Type", "application/json")
                .header("CamelKafkaOverrideTopic", "evil")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        SignatureSchemeRegistry.create("hmac", SchemeOptions.secret(SECRET))
                .sign(body.getBytes(UTF_8), "any", Instant.now())
                .forEach(request::header);
        HttpResponse<String> answer = CLIENT.send(request.build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body() + serai.output()).isEqualTo(202);
    }
}
