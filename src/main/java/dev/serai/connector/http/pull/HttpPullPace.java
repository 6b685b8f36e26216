package dev.serai.connector.http.pull;

import dev.serai.connector.pull.PullException;
import dev.serai.connector.pull.PullPause;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Waits between the requests of a pull, so that the source is not asked more often than it wants.
 *
 * <p>Threads: one thread at a time; stopping is safe.
 */
final class HttpPullPace {
    private final PullPause pause = new PullPause();
    private final Duration betweenRequests;
    private final Duration afterAnswers;
    private int stopsAtBegin;
    private long nextNanos = System.nanoTime();

    /**
     * @param betweenRequests from one request to the next
     * @param afterAnswers from the end of an answer to the next request of the run
     */
    HttpPullPace(Duration betweenRequests, Duration afterAnswers) {
        this.betweenRequests = betweenRequests;
        this.afterAnswers = afterAnswers;
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
        long left = nextNanos - System.nanoTime();
        long delay = isFirst ? left - afterAnswers.toNanos() : left;
        if (!pause.await(stopsAtBegin, delay <= 0 ? 0 : TimeUnit.NANOSECONDS.toMillis(delay) + 1)) {
            throw new PullException("the route is stopped");
        }
        nextNanos = System.nanoTime() + betweenRequests.toNanos();
    }

    /** An answer has come. */
    void answered() {
        nextNanos = Math.max(nextNanos, System.nanoTime() + afterAnswers.toNanos());
    }

    /** Ends a wait. */
    void stop() {
        pause.stop();
    }
}
