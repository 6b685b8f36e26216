package dev.serai.connector.kafka;

import io.github.resilience4j.core.IntervalFunction;
import java.util.concurrent.TimeUnit;

/**
 * The waits of {@link KafkaSource}, on the polling thread, each for less than Kafka's limit between two polls
 * (max.poll.interval.ms, 5 minutes). A stop ends them.
 *
 * <p>Threads: safe.
 */
final class KafkaWait {
    private static final IntervalFunction BACK_OFF = IntervalFunction.ofExponentialBackoff(1_000, 2, 60_000);

    private int failures;
    private long failedAtNanos;
    private boolean stopping;

    synchronized void start() {
        stopping = false;
    }

    synchronized void stop() {
        stopping = true;
        notifyAll();
    }

    synchronized boolean isStopping() {
        return stopping;
    }

    synchronized void succeeded() {
        failures = 0;
    }

    /** Counts a failure and returns the wait in milliseconds. */
    synchronized long failed() {
        failures++;
        failedAtNanos = System.nanoTime();
        return BACK_OFF.apply(failures);
    }

    /** Waits until the batch after a failure may be sent. */
    synchronized void awaitTurn() throws InterruptedException {
        if (failures > 0) {
            awaitUntil(failedAtNanos + TimeUnit.MILLISECONDS.toNanos(BACK_OFF.apply(failures)));
        }
    }

    void pause(long millis) throws InterruptedException {
        awaitUntil(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis));
    }

    private synchronized void awaitUntil(long nanos) throws InterruptedException {
        long left = nanos - System.nanoTime();
        while (left > 0 && !stopping) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
            left = nanos - System.nanoTime();
        }
        if (left > 0) {
            throw new IllegalStateException("the route is stopping; its records are read again when it starts");
        }
    }
}
