package dev.serai.connector.http.pull;

import dev.serai.connector.pull.PullException;
import dev.serai.connector.pull.PullPause;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Waits between the requests of a pull, so that the source is not asked more often than it wants.
 *
 * <p>Threads: one thread at a time; stopping is safe.
 */
final class HttpPullPace {
    private final PullPause pause = new PullPause();
    private final Duration betweenRequests;
    private final Duration afterAnswers;
    private final LongSupplier nanos;
    private int stopsAtBegin;
    private long requestNanos;
    private long pageNanos;

    /**
     * @param betweenRequests from one request to the next
     * @param afterAnswers from the end of an answer to the next request of the run
     */
    HttpPullPace(Duration betweenRequests, Duration afterAnswers) {
        this(betweenRequests, afterAnswers, System::nanoTime);
    }

    /** @param nanos a clock that never goes back */
    HttpPullPace(Duration betweenRequests, Duration afterAnswers, LongSupplier nanos) {
        this.betweenRequests = betweenRequests;
        this.afterAnswers = afterAnswers;
        this.nanos = nanos;
        this.requestNanos = nanos.getAsLong();
        this.pageNanos = requestNanos;
    }

    /** A run begins. */
    void begin() {
        stopsAtBegin = pause.stops();
    }

    /**
     * Waits until a request may be sent.
     *
     * @param isFirst whether it is the first one of its run
     * @throws PullException if the route is to stop
     */
    void await(boolean isFirst) throws InterruptedException, PullException {
        if (!pause.await(stopsAtBegin, waitMillis(isFirst))) {
            throw new PullException("the route is stopped");
        }
        asked();
    }

    /** How long to wait from now on before a request may be sent. */
    long waitMillis(boolean isFirst) {
        long now = nanos.getAsLong();
        long delay = isFirst ? requestNanos - now : Math.max(requestNanos - now, pageNanos - now);
        return delay <= 0 ? 0 : TimeUnit.NANOSECONDS.toMillis(delay) + 1;
    }

    /** A request is sent now. */
    void asked() {
        requestNanos = nanos.getAsLong() + betweenRequests.toNanos();
    }

    /** An answer has come. */
    void answered() {
        pageNanos = nanos.getAsLong() + afterAnswers.toNanos();
    }

    /** Ends a wait. */
    void stop() {
        pause.stop();
    }
}
