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
 * The step of the Kamelet {@code kafka-source}: makes each record of a batch what the ledger takes, and commits offsets.
 *
 * <p>Promise: an offset is committed only after the route has taken its record. A batch that the route did not take is read
 * again, after a wait that grows from one second to a minute; and so is one that was taken and could not be committed, whose
 * records the ledger then recognises.
 *
 * <p>Commits are made here, record by record, since Camel's own in batches commit as far as was polled, which may be beyond
 * the batch, and also after a failure.
 *
 * <p>Threads: batches come from the thread that polls and end on any; stopping comes from any thread.
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
     * The intake of one source.
     *
     * @param topic for messages
     * @param idHeader the record header that holds an id, if a record has one
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

    /** The records that go together, and how to commit the last one of each partition. */
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
                // Makes Camel read it again, also where only the commit failed: the ledger then recognises the ids.
                exchange.setException(e);
                onFailure(exchange);
            }
        }

        @Override
        public void onFailure(Exchange exchange) {
            long wait = failed();
            LOG.warn(
                    "Kafka {}: a batch of {} records is not accepted, or not committed, and is read again in {} s: {}; it begins at"
                            + " {}",
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

    /** The wait that follows, in milliseconds. */
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

    /** Waits on the thread that polls, well within the time in which Kafka wants to hear from it (5 minutes). */
    private void awaitTurn() throws InterruptedException {
        synchronized (turn) {
            long left = leftNanos();
            while (left > 0 && !stopping) {
                TimeUnit.NANOSECONDS.timedWait(turn, left);
                left = leftNanos();
            }
            if (left > 0) {
                throw new IllegalStateException("the route stops; its records are read again when it starts");
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
