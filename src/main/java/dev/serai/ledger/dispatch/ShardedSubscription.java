package dev.serai.ledger.dispatch;

import dev.serai.ledger.delivery.Subscription;
import dev.serai.ledger.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The subscription of one target in all shards that this node has. Shards come and go while it is open.
 *
 * <p>Threads: safe.
 */
public final class ShardedSubscription implements Subscription {
    private final TimeSource clock;
    private final Runnable whenClosed;
    /** Held while parts start, so that none starts that is about to be left. */
    private final ReentrantLock lock = new ReentrantLock();
    /** By shard; changed under the lock. */
    private final Map<Integer, OpenSubscription> parts = new ConcurrentSkipListMap<>();

    private boolean started;
    private boolean suspended;
    private boolean closed;

    public ShardedSubscription(TimeSource clock, Runnable whenClosed) {
        this.clock = clock;
        this.whenClosed = whenClosed;
    }

    /** The node has got a shard. A part that cannot start now is tried again when the route is started again. */
    public void add(int shard, OpenSubscription part) {
        lock.lock();
        try {
            if (closed) {
                part.remove();
                return;
            }
            parts.put(shard, part);
            if (suspended) {
                part.suspend();
            }
            if (started) {
                part.start();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The shard goes to another node: sends nothing more of it. */
    public void stop(int shard) {
        OpenSubscription part = part(shard);
        if (part != null) {
            part.stop();
        }
    }

    /** After {@link #stop}: waits for deliveries under way and saves the position. What did not end in time is repeated later. */
    public void leave(int shard, Duration timeout) {
        lock.lock();
        OpenSubscription part;
        try {
            part = parts.remove(shard);
        } finally {
            lock.unlock();
        }
        if (part != null) {
            part.close(timeout);
        }
    }

    private @Nullable OpenSubscription part(int shard) {
        lock.lock();
        try {
            return parts.get(shard);
        } finally {
            lock.unlock();
        }
    }

    private List<OpenSubscription> parts() {
        lock.lock();
        try {
            return new ArrayList<>(parts.values());
        } finally {
            lock.unlock();
        }
    }

    /** If a shard cannot be started, the next call starts only it and those after it. */
    @Override
    public void start() {
        lock.lock();
        try {
            for (OpenSubscription part : parts.values()) {
                if (!part.wasStarted()) {
                    part.start();
                }
            }
            started = true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void suspend() {
        suspended(true);
    }

    @Override
    public void resume() {
        suspended(false);
    }

    private void suspended(boolean now) {
        lock.lock();
        try {
            suspended = now;
            parts.values().forEach(now ? OpenSubscription::suspend : OpenSubscription::resume);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean mayDeliver(long sequence) {
        return parts.values().stream().anyMatch(part -> part.mayDeliver(sequence));
    }

    /** All shards stop together, within one time. */
    @Override
    public boolean close(Duration timeout) {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
        List<OpenSubscription> open = parts();
        open.forEach(OpenSubscription::stop);
        long deadlineMillis = clock.monotonicMillis() + timeout.toMillis();
        boolean quiet = true;
        boolean interrupted = Thread.interrupted(); // the positions are saved all the same
        for (OpenSubscription part : open) {
            try {
                long left = interrupted ? 0 : Math.max(0, deadlineMillis - clock.monotonicMillis());
                quiet &= part.awaitQuiet(Duration.ofMillis(left));
            } catch (InterruptedException e) {
                interrupted = true;
                quiet = false;
            }
        }
        try {
            open.forEach(OpenSubscription::end);
        } finally {
            whenClosed.run();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        return quiet;
    }
}
