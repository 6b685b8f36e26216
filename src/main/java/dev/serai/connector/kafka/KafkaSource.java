package dev.serai.connector.kafka;

import dev.serai.text.LogText;
import io.github.resilience4j.core.IntervalFunction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.RollbackExchangeException;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.component.kafka.consumer.KafkaManualCommit;
import org.apache.camel.spi.ShutdownPrepared;
import org.apache.camel.spi.Synchronization;
import org.apache.camel.support.service.ServiceSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The step of the Kamelet {@code kafka-source}: converts each record of a batch to a change, and commits offsets.
 *
 * <p>Promise: an offset is committed only after the route has processed its record. If the route or the commit fails, the
 * batch is read again after a wait that grows from one second to a minute. The ledger recognises records that it already has.
 *
 * <p>The offsets are committed here, because Camel's batch commit covers all polled records, which may be more than the
 * batch, and also runs after a failure.
 *
 * <p>Threads: {@code process} runs on the polling thread; the completion of a batch and the stop run on any thread.
 */
public final class KafkaSource extends ServiceSupport implements Processor, ShutdownPrepared {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaSource.class);
    private static final IntervalFunction BACK_OFF = IntervalFunction.ofExponentialBackoff(1_000, 2, 60_000);

    private final Object turn = new Object();
    private final String topic;
    private final KafkaRecordReader reader;
    private int failures;
    private long failedAtNanos;
    private boolean stopping;

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
        awaitTurn();
        Message message = exchange.getMessage();
        KafkaBatch batch = new KafkaBatch();
        for (Object item : message.getMandatoryBody(List.class)) {
            Message one = ((Exchange) item).getMessage();
            batch.add(one);
            reader.read(one);
        }
        message.removeHeaders("*");
        exchange.getExchangeExtension().addOnCompletion(batch);
    }

    /** The records of a batch, with the commit of the last one of each partition. */
    private final class KafkaBatch implements Synchronization {
        private final Map<String, KafkaManualCommit> commits = new LinkedHashMap<>();
        private final Map<String, Long> starts = new LinkedHashMap<>();
        private int size;

        void add(Message message) {
            String partition =
                    message.getHeader(KafkaConstants.TOPIC) + "-" + message.getHeader(KafkaConstants.PARTITION);
            commits.put(partition, message.getHeader(KafkaConstants.MANUAL_COMMIT, KafkaManualCommit.class));
            starts.putIfAbsent(partition, message.getHeader(KafkaConstants.OFFSET, Long.class));
            size++;
        }

        @Override
        public void onComplete(Exchange exchange) {
            try {
                if (exchange.isRollbackOnly() || exchange.isRollbackOnlyLast()) {
                    throw new RollbackExchangeException("the route rolled the batch back", exchange);
                }
                commits.values().forEach(KafkaManualCommit::commit);
                succeeded();
            } catch (RollbackExchangeException | RuntimeException e) {
                // Makes Camel read the batch again, even if only the commit failed: the ledger recognises the ids.
                exchange.setException(e);
                onFailure(exchange);
            }
        }

        @Override
        public void onFailure(Exchange exchange) {
            long wait = failed();
            LOG.warn(
                    "Kafka {}: a batch of {} records was not accepted or not committed and is read again in {} s: {}; it begins"
                            + " at {}",
                    LogText.of(topic),
                    size,
                    TimeUnit.MILLISECONDS.toSeconds(wait),
                    LogText.of(reason(exchange)),
                    LogText.of(where()));
        }

        private String where() {
            List<String> places = new ArrayList<>();
            starts.forEach((partition, offset) -> places.add(partition + " offset " + offset));
            return String.join(", ", places);
        }
    }

    private static String reason(Exchange exchange) {
        Exception failure = exchange.getException();
        String message = failure == null ? null : failure.getMessage();
        return message == null ? String.valueOf(failure) : message;
    }

    // ---- Waiting after a failure

    private void succeeded() {
        synchronized (turn) {
            failures = 0;
        }
    }

    /** Counts a failure and returns the wait in milliseconds. */
    private long failed() {
        synchronized (turn) {
            failures++;
            failedAtNanos = System.nanoTime();
            return backOffMillis();
        }
    }

    private long backOffMillis() {
        return failures == 0 ? 0 : BACK_OFF.apply(failures);
    }

    /** Waits on the polling thread, for less than Kafka's limit between two polls (max.poll.interval.ms, 5 minutes). */
    private void awaitTurn() throws InterruptedException {
        synchronized (turn) {
            long left = leftNanos();
            while (left > 0 && !stopping) {
                TimeUnit.NANOSECONDS.timedWait(turn, left);
                left = leftNanos();
            }
            if (left > 0) {
                throw new IllegalStateException("the route is stopping; its records are read again when it starts");
            }
        }
    }

    private long leftNanos() {
        return TimeUnit.MILLISECONDS.toNanos(backOffMillis()) - (System.nanoTime() - failedAtNanos);
    }

    @Override
    protected void doStart() {
        synchronized (turn) {
            stopping = false;
        }
    }

    @Override
    public void prepareShutdown(boolean suspendOnly, boolean forced) {
        synchronized (turn) {
            stopping = !suspendOnly;
            turn.notifyAll();
        }
    }
}
