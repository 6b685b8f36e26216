package dev.serai.connector.kafka;

import dev.serai.camel.SourceRegistry;
import dev.serai.camel.SourceStatus;
import dev.serai.connector.pull.BatchPull;
import dev.serai.connector.pull.PullFailures;
import dev.serai.connector.pull.RouteSender;
import dev.serai.ledger.time.TimeSource;
import dev.serai.text.LogText;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.RouteAware;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.component.kafka.KafkaConsumer;
import org.apache.camel.component.kafka.TaskHealthState;
import org.apache.camel.component.kafka.consumer.KafkaManualCommit;
import org.apache.camel.spi.ShutdownPrepared;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The step of the Kamelet {@code kafka-source}: converts each record of a batch to a change, sends them to the user's route and
 * commits offsets.
 *
 * <p>Promise: an offset is committed only after the route has taken its record. A record that the route refuses for good, or
 * that is too large, becomes a dead letter, and the others go on. If the route takes nothing or the commit fails, the batch is
 * read again after a wait that grows from one second to a minute. The ledger recognises records that it already has.
 *
 * <p>The offsets are committed here, because Camel's batch commit covers all polled records, which may be more than the
 * batch, and also runs after a failure.
 *
 * <p>Threads: {@code process} runs on the polling thread; stopping is safe.
 */
public final class KafkaSource extends ServiceSupport implements Processor, RouteAware, ShutdownPrepared {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaSource.class);

    private final SourceStatus status = new SourceStatus("kafka", TimeSource.system());
    private final PullFailures failures = new PullFailures();
    private final KafkaWait wait = new KafkaWait();
    private final String topic;
    private final KafkaRecordReader reader;
    private int recordBytesMax = 16 << 20;
    private boolean stopsAtBroken;
    private @Nullable Route route;

    /**
     * @param topic named in log lines
     * @param idHeader the record header that contains the id, if a record has one
     */
    public KafkaSource(String topic, String idHeader) {
        this.topic = topic;
        this.reader = new KafkaRecordReader(idHeader);
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        wait.awaitTurn();
        List<KafkaRecord> records = new ArrayList<>();
        for (Object item : exchange.getMessage().getMandatoryBody(List.class)) {
            records.add(read((Exchange) item));
        }
        status.begun(null);
        int taken;
        try (RouteSender sender = RouteSender.of(exchange)) {
            taken = new KafkaBatch(records, sender, status, failures, wait, stopsAtBroken).send();
        } catch (Exception e) {
            failed(e, records);
            throw e;
        }
        wait.succeeded();
        if (status.good()) {
            LOG.info("Kafka {}: a batch was accepted again", LogText.of(topic));
        }
        if (taken < records.size()) { // the only way to make Camel read the others again
            throw new IllegalStateException("only " + taken + " of " + records.size()
                    + " records were sent one by one in time; the others are read again");
        }
    }

    private KafkaRecord read(Exchange exchange) {
        Message message = exchange.getMessage();
        String from = Objects.requireNonNull(message.getHeader(KafkaConstants.TOPIC, String.class));
        int partition = Objects.requireNonNull(message.getHeader(KafkaConstants.PARTITION, Integer.class));
        long offset = Objects.requireNonNull(message.getHeader(KafkaConstants.OFFSET, Long.class));
        Long timestamp = message.getHeader(KafkaConstants.TIMESTAMP, Long.class);
        KafkaManualCommit commit = message.getHeader(KafkaConstants.MANUAL_COMMIT, KafkaManualCommit.class);
        byte[] value = message.getBody() instanceof byte[] bytes ? bytes : new byte[0];
        reader.read(message);
        KafkaRecord record = new KafkaRecord(
                from,
                partition,
                offset,
                exchange,
                value,
                timestamp == null || timestamp < 0 ? null : Instant.ofEpochMilli(timestamp),
                commit);
        return value.length <= recordBytesMax
                ? record
                : record.refused("it has " + value.length + " bytes, more than recordBytes=" + recordBytesMax);
    }

    private void failed(Exception failure, List<KafkaRecord> records) {
        if (wait.isStopping()) {
            status.stopped();
            return;
        }
        long millis = wait.failed();
        if (status.failed(failures.detail(failure))) {
            LOG.warn(
                    "Kafka {}: a batch of {} records was not accepted or not committed and is read again in {} s: {}; it"
                            + " begins at {}",
                    LogText.of(topic),
                    records.size(),
                    TimeUnit.MILLISECONDS.toSeconds(millis),
                    failures.reason(failure),
                    LogText.of(KafkaBatch.places(records)));
        }
    }

    // ---- Its route

    @Override
    public void setRoute(@Nullable Route route) {
        this.route = route;
        if (route != null) {
            SourceRegistry.of(route.getCamelContext()).add(route, null, status, this::trouble);
        }
    }

    @Override
    public @Nullable Route getRoute() {
        return route;
    }

    /** Why nothing can be read at the moment; null if it can. */
    private @Nullable String trouble() {
        if (route == null || !(route.getConsumer() instanceof KafkaConsumer consumer)) {
            return null;
        }
        for (TaskHealthState task : consumer.healthStates()) {
            if (task.isTerminated()) {
                return "the consumer of " + LogText.of(topic) + " has ended" + why(task) + ": restart its route";
            }
            if (!task.isReady()) {
                return "there is no connection to " + LogText.of(task.getBootstrapServers()) + why(task);
            }
        }
        return null;
    }

    private static String why(TaskHealthState task) {
        Exception error = task.getLastError();
        return error == null ? "" : " (" + LogText.of(error.getMessage()) + ")";
    }

    @Override
    protected void doStart() {
        wait.start();
    }

    @Override
    public void prepareShutdown(boolean suspendOnly, boolean forced) {
        if (!suspendOnly) {
            wait.stop();
        }
    }

    /** @param recordBytes the maximum length of a record's value */
    public void setRecordBytes(int recordBytes) {
        if (recordBytes < 1) {
            throw new IllegalArgumentException("recordBytes must be at least 1, not " + recordBytes);
        }
        this.recordBytesMax = recordBytes;
    }

    /** @param onBroken deadLetter, or stop to read a record that cannot be accepted again until it can */
    public void setOnBroken(String onBroken) {
        stopsAtBroken = BatchPull.isStop(onBroken);
    }
}
