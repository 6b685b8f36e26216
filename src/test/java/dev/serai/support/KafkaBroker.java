package dev.serai.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Time;

/** A real Kafka in this JVM, of one node or as one of a {@link KafkaCluster}, which can be stopped and started again with its data. */
public final class KafkaBroker implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);

    private final Properties settings = new Properties();
    private final Ports ports;
    private KafkaRaftServer server;

    /** Kafka has to know its ports before it starts, and gets them again after a stop. */
    record Ports(RefusingPort clients, RefusingPort controller) {
        Ports() {
            this(new RefusingPort(), new RefusingPort());
        }
    }

    /** Starts one of its own. */
    public KafkaBroker(Path folder) {
        this(folder, 0, List.of(new Ports()));
        start();
    }

    /**
     * One of several; it is not started.
     *
     * @param number its index in {@code all}
     */
    KafkaBroker(Path folder, int number, List<Ports> all) {
        ports = all.get(number);
        String voters = IntStream.range(0, all.size())
                .mapToObj(i -> i + 1 + "@127.0.0.1:" + all.get(i).controller().number())
                .collect(Collectors.joining(","));
        String replicas = String.valueOf(all.size());
        String listeners = "PLAINTEXT://" + brokers() + ",CONTROLLER://127.0.0.1:"
                + ports.controller().number();
        CapturedLog.silence("kafka");
        CapturedLog.silence("org.apache.kafka");
        CapturedLog.silence("state.change.logger");
        settings.putAll(Map.ofEntries(
                Map.entry("process.roles", "broker,controller"),
                Map.entry("node.id", String.valueOf(number + 1)),
                Map.entry("controller.quorum.voters", voters),
                Map.entry("listeners", listeners),
                Map.entry("controller.listener.names", "CONTROLLER"),
                Map.entry("log.dirs", folder.resolve("kafka").toString()),
                Map.entry("offsets.topic.replication.factor", replicas),
                Map.entry("offsets.topic.num.partitions", "1"),
                Map.entry("transaction.state.log.replication.factor", replicas),
                Map.entry("transaction.state.log.min.isr", "1"),
                Map.entry("transaction.state.log.num.partitions", "1"),
                Map.entry("group.initial.rebalance.delay.ms", "0"),
                Map.entry("controlled.shutdown.enable", "false"),
                Map.entry("auto.create.topics.enable", "false"),
                Map.entry("log.cleaner.enable", "false"),
                Map.entry("num.io.threads", "2"),
                Map.entry("num.network.threads", "1"),
                Map.entry("background.threads", "1")));
        format(folder);
    }

    private void format(Path folder) {
        try {
            Path file = folder.resolve("kafka.properties");
            List<String> lines = new ArrayList<>();
            settings.forEach((name, value) -> lines.add(name + "=" + value));
            Files.write(file, lines, StandardCharsets.UTF_8);
            String[] format = {"format", "-t", "4L6g3nShT-eMCtK--X86sw", "-c", file.toString()};
            int code = StorageTool.execute(format, System.err);
            if (code != 0) {
                throw new IllegalStateException("formatting Kafka's folder ended with " + code);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void start() {
        server = new KafkaRaftServer(KafkaConfig.fromProps(settings, false), Time.SYSTEM);
        server.startup();
    }

    public void stop() {
        server.shutdown();
        server.awaitShutdown();
    }

    public String brokers() {
        return "127.0.0.1:" + ports.clients().number();
    }

    private Map<String, Object> client() {
        return Map.of("bootstrap.servers", brokers());
    }

    public void createTopic(String name, int partitions) throws Exception {
        try (Admin admin = Admin.create(client())) {
            admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1)))
                    .all()
                    .get();
        }
    }

    /** The offsets that a group has committed, added up over all partitions. */
    public long committed(String group) throws ExecutionException, InterruptedException {
        try (Admin admin = Admin.create(client())) {
            return admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().values().stream()
                    .mapToLong(OffsetAndMetadata::offset)
                    .sum();
        }
    }

    /** Resets a group without members to the beginning of a topic. */
    public void rewind(String group, String topic, int partitions) throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> beginning = new HashMap<>();
        for (int i = 0; i < partitions; i++) {
            beginning.put(new TopicPartition(topic, i), new OffsetAndMetadata(0));
        }
        try (Admin admin = Admin.create(client())) {
            admin.alterConsumerGroupOffsets(group, beginning).all().get();
        }
    }

    /** Sends in order, and returns when all are acknowledged. */
    public void send(List<ProducerRecord<byte[], byte[]>> records) throws ExecutionException, InterruptedException {
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(client(), new ByteArraySerializer(), new ByteArraySerializer())) {
            List<Future<?>> sent = new ArrayList<>();
            records.forEach(record -> sent.add(producer.send(record)));
            for (Future<?> one : sent) {
                one.get();
            }
        }
    }

    /** All records of a topic, those of a partition in order. */
    public List<ConsumerRecord<byte[], byte[]>> read(String topic) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (Consumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(client(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                consumer.poll(POLL).forEach(records::add);
            }
        }
        return records;
    }

    @Override
    public void close() {
        stop();
        ports.clients().close();
        ports.controller().close();
    }
}
