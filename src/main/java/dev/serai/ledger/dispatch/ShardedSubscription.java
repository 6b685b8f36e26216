package dev.serai.ledger.dispatch;

import dev.serai.ledger.delivery.Subscription;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The subscription of one target in all shards that this node has. Shards come and go while it is open.
 *
 * <p>Threads: safe.
 */
public final class ShardedSubscription implements Subscription {
    private static final Logger LOG = LoggerFactory.getLogger(ShardedSubscription.class);
    private static final long AGAIN_MILLIS = 500;

    private final TargetName name;
    private final TimeSource clock;
    private final ScheduledExecutorService scheduler;
    private final Runnable whenClosed;
    /** Not held while parts start: those of several shards do at once. */
    private final ReentrantLock lock = new ReentrantLock();
    /** By shard; changed under the lock. */
    private final Map<Integer, OpenSubscription> parts = new ConcurrentSkipListMap<>();

    private boolean started;
    private boolean suspended;
    private boolean closed;

    private final AtomicBoolean startsLater = new AtomicBoolean();
    /** Shards that are away, as it was logged last. */
    private volatile List<Integer> away = List.of();

    public ShardedSubscription(
            TargetName name, TimeSource clock, ScheduledExecutorService scheduler, Runnable whenClosed) {
        this.name = name;
        this.clock = clock;
        this.scheduler = scheduler;
        this.whenClosed = whenClosed;
    }

    /**
     * The node has got a shard. A part whose database is away starts when that is back; one that cannot start for another reason is tried
     * again when the route is started again.
     */
    public void add(int shard, OpenSubscription part) {
        boolean starts;
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
            starts = started;
        } finally {
            lock.unlock();
        }
        if (starts && !part.tryStart()) {
            startLater();
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

    /** If a shard cannot be started, the next call starts only it and those after it. Those that are away start when they are back. */
    @Override
    public void start() {
        started(true);
        try {
            startParts();
        } catch (StoreException e) {
            started(false);
            throw e;
        }
    }

    private void started(boolean now) {
        lock.lock();
        try {
            started = now;
        } finally {
            lock.unlock();
        }
    }

    private void startParts() {
        List<Integer> left = new ArrayList<>();
        parts.forEach((shard, part) -> {
            if (!part.tryStart()) {
                left.add(shard);
            }
        });
        if (!left.isEmpty()) {
            startLater();
        }
        if (!away.containsAll(left)) {
            LOG.warn("{} delivers nothing from shards {} of this node until their database is back", name, left);
        } else if (left.isEmpty() && !away.isEmpty()) {
            LOG.info("{} delivers from all shards of this node again", name);
        }
        away = left;
    }

    private void startLater() {
        if (!startsLater.getAndSet(true)) {
            scheduler.schedule(this::startRest, AGAIN_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void startRest() {
        startsLater.set(false);
        lock.lock();
        try {
            if (!started || closed) {
                return;
            }
        } finally {
            lock.unlock();
        }
        try {
            startParts();
        } catch (StoreException e) {
            LOG.warn(
                    "{} delivers nothing from some shards of this node and tries again to start: {}",
                    name,
                    e.toString(),
                    e);
            startLater();
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
