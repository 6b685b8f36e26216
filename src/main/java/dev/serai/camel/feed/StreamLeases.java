package dev.serai.camel.feed;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The streams that read a feed at this node, and which leases of other nodes they have. They continue when a lease ends.
 *
 * <p>Threads: safe; streams are called outside of the lock.
 */
final class StreamLeases {
    private final Duration ackTimeout;
    private final ScheduledExecutorService scheduler;
    private final Set<FeedReader> streams = new HashSet<>();
    /** By cursor: the task that ends a lease of which its node says nothing. */
    private final Map<String, Future<?>> elsewhere = new HashMap<>();

    StreamLeases(Duration ackTimeout, ScheduledExecutorService scheduler) {
        this.ackTimeout = ackTimeout;
        this.scheduler = scheduler;
    }

    synchronized void opened(FeedReader stream) {
        streams.add(stream);
    }

    synchronized void closed(FeedReader stream) {
        streams.remove(stream);
    }

    synchronized boolean hasReaders() {
        return !streams.isEmpty();
    }

    /** A copy. */
    synchronized Set<FeedReader> readers() {
        return new HashSet<>(streams);
    }

    /** Another node gave a lease to a reader of this node. */
    synchronized void began(String cursor, FeedReader reader) {
        if (streams.contains(reader)) {
            long millis = ackTimeout.toMillis();
            elsewhere.put(cursor, scheduler.schedule(() -> ended(cursor), millis, TimeUnit.MILLISECONDS));
        }
    }

    /** Whether a stream has this lease of another node. */
    synchronized boolean has(String cursor) {
        return elsewhere.containsKey(cursor);
    }

    /** A lease has ended, of this node or of another. */
    void ended(String cursor) {
        Set<FeedReader> all;
        synchronized (this) {
            Future<?> end = elsewhere.remove(cursor);
            if (end != null) {
                end.cancel(false);
            }
            all = new HashSet<>(streams);
        }
        all.forEach(stream -> stream.leaseEnded(cursor));
    }
}
