package dev.serai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.serai.store.postgres.TestServer;
import dev.serai.support.KafkaCluster;
import dev.serai.support.LoadOracle;
import dev.serai.support.LoadSource;
import dev.serai.support.RecordingTarget;
import dev.serai.support.SeraiProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pushes through a cluster of three Kafka nodes, read by two nodes of Serai that share a ledger. */
@Tag("long")
class KafkaFrontIT {
    private static final String TOPIC = "pushed-orders";
    private static final int KEYS = 16;

    @TempDir
    Path folder;

    private final String schema = TestServer.newSchema();
    private final Map<String, SeraiProcess> nodes = new HashMap<>();
    private final RecordingTarget target = newTarget();
    private KafkaCluster kafka;
    private Path secret;

    private static RecordingTarget newTarget() {
        try {
            return new RecordingTarget(1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @BeforeEach
    void begin() throws Exception {
        kafka = new KafkaCluster(folder.resolve("kafka"));
        kafka.createTopic(TOPIC, 4);
        secret = Files.writeString(folder.resolve("secret"), "a secret that the two nodes share");
    }

    @AfterEach
    void end() {
        nodes.values().forEach(SeraiProcess::close);
        target.close();
        kafka.close();
    }

    @Test
    void nothingAcknowledgedIsLostAndEachKeyStaysInOrderWhenBrokersAndMembersOfTheGroupComeAndGo() throws Exception {
        start("a");
        LoadSource source = new LoadSource(hook("a"), KEYS);
        source.start();
        try {
            takeMoreOfEachKey(source);

            kafka.broker(0).stop();
            takeMoreOfEachKey(source);

            kafka.broker(1).stop(); // one replica is too few to acknowledge
            await().untilAsserted(() -> assertThat(source.refusal()).isNotNull());
            kafka.broker(0).start();
            takeMoreOfEachKey(source);
            kafka.broker(1).start();

            start("b"); // which takes partitions over
            source.sendToAll(List.of(hook("a"), hook("b")));
            takeMoreOfEachKey(source);

            source.sendToAll(List.of(hook("b")));
            nodes.get("a").kill();
            takeMoreOfEachKey(source);

            source.sendToAll(List.of());
            await().untilAsserted(
                            () -> assertThat(source.acknowledged().keySet()).allMatch(target::has));
            assertThat(nodes.get("b").terminate()).isZero();
            kafka.setPartitions(TOPIC, 6); // and keys move to others
            start("b");
            source.sendToAll(List.of(hook("b")));
            takeMoreOfEachKey(source);
        } finally {
            source.stop();
        }
        LoadOracle.expectAllDelivered(source, target);
        System.out.println(
                source.acknowledged().size() + " acknowledged, " + target.repeats() + " delivered more than once");
    }

    private static void takeMoreOfEachKey(LoadSource source) {
        Map<String, Integer> before = source.acknowledgedByKey();
        await().untilAsserted(() -> assertThat(source.acknowledgedByKey())
                .hasSize(KEYS)
                .allSatisfy((key, count) -> assertThat(count).isGreaterThan(before.getOrDefault(key, 0) + 4)));
    }

    private void start(String name) throws IOException {
        Map<String, String> properties = new HashMap<>(Map.of(
                "kafka-front.platform.url",
                target.url(),
                "kafka-front.kafka.brokers",
                kafka.brokers(),
                "camel.component.ledger.url",
                TestServer.url(),
                "camel.component.ledger.schema",
                schema,
                "serai.shards",
                "4",
                "serai.node.name",
                name,
                "serai.node.port",
                "0",
                "serai.node.secretFile",
                secret.toString()));
        Path own = Files.createDirectories(folder.resolve(name));
        nodes.put(name, SeraiProcess.run(own, routes(own), properties));
    }

    /** The example, for a source that does not sign and names its fields otherwise. */
    private static Path routes(Path folder) throws IOException {
        String example = Files.readString(Path.of("docs/examples/kafka-front.camel.yaml"))
                .replace(", scheme: hmac, secret: \"{{kafka-front.secret}}\"", "")
                .replace("expression: .id,", "expression: .key,")
                .replace("expression: .event,", "expression: .id,");
        assertThat(example).contains("expression: .key,").doesNotContain("hmac");
        return Files.writeString(folder.resolve("kafka-front.camel.yaml"), example);
    }

    private String hook(String name) {
        return nodes.get(name).flowsUrl() + "/hooks/kafka-front";
    }
}
