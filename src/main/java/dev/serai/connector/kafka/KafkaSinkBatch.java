package dev.serai.connector.kafka;

import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * The records of a batch for camel-kafka, which sends them one after the other and then waits for all. While the cluster cannot be
 * reached, each of them would wait for its time-out; the whole batch may take one.
 *
 * <p>Threads: one thread at a time.
 */
final class KafkaSinkBatch implements Iterable<Object> {
    private final List<Exchange> records;
    private final Duration timeout;

    KafkaSinkBatch(List<Exchange> records, Duration timeout) {
        this.records = records;
        this.timeout = timeout;
    }

    @Override
    public Iterator<Object> iterator() {
        Iterator<Exchange> left = records.iterator();
        long begin = System.nanoTime();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return left.hasNext();
            }

            @Override
            public Object next() {
                if (System.nanoTime() - begin > timeout.toNanos()) {
                    throw new TimeoutException("the batch could not be sent within " + timeout.toMillis() + " ms");
                }
                return left.next();
            }
        };
    }
}
