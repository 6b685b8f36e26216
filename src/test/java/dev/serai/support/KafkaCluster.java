package dev.serai.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;

/** Three Kafka nodes in this JVM, each broker and controller, that keep each record three times. */
public final class KafkaCluster implements AutoCloseable {
    private static final int SIZE = 3;

    private final List<KafkaBroker> brokers = new ArrayList<>();

    /** Starts all. */
    public KafkaCluster(Path folder) throws InterruptedException {
        List<KafkaBroker.Ports> ports =
                Stream.generate(KafkaBroker.Ports::new).limit(SIZE).toList();
        for (int i = 0; i < SIZE; i++) {
            brokers.add(new KafkaBroker(folderOf(folder, i), i, ports));
        }
        // Each waits for a quorum of them.
        List<Thread> starts =
                brokers.stream().map(broker -> new Thread(broker::start)).toList();
        starts.forEach(Thread::start);
        for (Thread start : starts) {
            start.join();
        }
    }

    private static Path folderOf(Path folder, int number) {
        try {
            return Files.createDirectories(folder.resolve("node-" + (number + 1)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The bootstrap servers. */
    public String brokers() {
        return brokers.stream().map(KafkaBroker::brokers).collect(Collectors.joining(","));
    }

    /** One of them, from 0. */
    public KafkaBroker broker(int number) {
        return brokers.get(number);
    }

    /** A topic of which two of three replicas have to have what is acknowledged. */
    public void createTopic(String name, int partitions) throws Exception {
        NewTopic topic = new NewTopic(name, partitions, (short) SIZE).configs(Map.of("min.insync.replicas", "2"));
        try (Admin admin = admin()) {
            admin.createTopics(List.of(topic)).all().get();
        }
    }

    public void setPartitions(String topic, int partitions) throws Exception {
        try (Admin admin = admin()) {
            admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(partitions)))
                    .all()
                    .get();
        }
    }

    private Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", brokers()));
    }

    @Override
    public void close() {
        brokers.forEach(KafkaBroker::close);
    }
}
