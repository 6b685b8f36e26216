package dev.serai.ledger;

import dev.serai.ledger.time.LedgerClock;
import dev.serai.ledger.time.TimeSource;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/**
 * Clocks that stand still, and a scheduler whose tasks run when a test says so, on the test's thread. The scheduler and the
 * monotonic clock go together; the wall clock can be set.
 */
public final class VirtualTime extends Clock implements TimeSource {
    private static final long START_MILLIS =
            Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();
    private static final int AT_ONCE_MAX = 20_000;
    private static final long WAIT_MILLIS = 10;

    private final IntSupplier order;
    private final PriorityQueue<Task> tasks = new PriorityQueue<>(Comparator.comparingLong(Task::dueMillis)
            .thenComparingInt(Task::order)
            .thenComparingLong(Task::number));
    private final Scheduler scheduler = new Scheduler();
    private long nowMillis;
    private long setByMillis;
    private long number;
    private int ranAtOnce;

    private record Task(long dueMillis, int order, long number, boolean scheduled, Runnable run) {}

    public VirtualTime() {
        this(() -> 0);
    }

    /** @param order decides between tasks that are due at the same time */
    public VirtualTime(IntSupplier order) {
        this.order = order;
    }

    /** Sets the wall clock forward, or back. */
    public void set(Duration by) {
        setByMillis += by.toMillis();
    }

    /** A ledger's clock in this time. */
    public LedgerClock clock() {
        return new LedgerClock(this);
    }

    public ScheduledExecutorService scheduler() {
        return scheduler;
    }

    /** Schedules an event of the simulated environment. */
    public void after(Duration delay, Runnable run) {
        add(delay, false, run);
    }

    private void add(Duration delay, boolean scheduled, Runnable run) {
        tasks.add(new Task(nowMillis + delay.toMillis(), order.getAsInt(), number++, scheduled, run));
    }

    /** Runs the next due task; returns whether there was one. */
    public boolean runDue() {
        Task next = tasks.peek();
        if (next == null || next.dueMillis() > nowMillis) {
            return false;
        }
        if (++ranAtOnce > AT_ONCE_MAX) {
            throw new AssertionError("a loop that takes no time");
        }
        tasks.remove().run().run();
        return true;
    }

    /** Advances to the time of the next task, but not beyond this time; runs nothing. */
    public void advance(Duration most) {
        long before = nowMillis;
        long limit = nowMillis + most.toMillis();
        Task next = tasks.peek();
        nowMillis = next == null ? limit : Math.max(nowMillis, Math.min(limit, next.dueMillis()));
        ranAtOnce = nowMillis > before ? 0 : ranAtOnce;
    }

    /** Drops all scheduled tasks. */
    void crash() {
        tasks.removeIf(Task::scheduled);
    }

    @Override
    public long monotonicMillis() {
        return nowMillis;
    }

    /** Who waits lets that time pass, and others a moment to do what is waited for. */
    @Override
    public void waitOn(Object monitor, long millis) throws InterruptedException {
        long some = Math.min(millis, WAIT_MILLIS);
        monitor.wait(some);
        nowMillis += some;
    }

    @Override
    public long millis() {
        return START_MILLIS + nowMillis + setByMillis;
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(millis());
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException();
    }

    /** Only what the ledger uses. */
    private final class Scheduler extends AbstractExecutorService implements ScheduledExecutorService {
        @Override
        public void execute(Runnable task) {
            add(Duration.ZERO, true, task);
        }

        @Override
        public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
            Scheduled scheduled = new Scheduled(task);
            add(Duration.ofNanos(unit.toNanos(delay)), true, scheduled);
            return scheduled;
        }

        @Override
        public <V> ScheduledFuture<V> schedule(Callable<V> task, long delay, TimeUnit unit) {
            throw new UnsupportedOperationException();
        }

        @Override
        public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, long first, long period, TimeUnit unit) {
            throw new UnsupportedOperationException();
        }

        @Override
        public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, long first, long pause, TimeUnit unit) {
            Runnable again = () -> {
                task.run();
                scheduleWithFixedDelay(task, pause, pause, unit);
            };
            return schedule(again, first, unit);
        }

        @Override
        public void shutdown() {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<Runnable> shutdownNow() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isShutdown() {
            return false;
        }

        @Override
        public boolean isTerminated() {
            return false;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            throw new UnsupportedOperationException();
        }
    }

    /** Runs its task so that an exception reaches the test. */
    private static final class Scheduled extends FutureTask<Void> implements RunnableScheduledFuture<Void> {
        private final Runnable task;

        Scheduled(Runnable task) {
            super(task, null);
            this.task = task;
        }

        @Override
        public void run() {
            task.run();
        }

        @Override
        public boolean isPeriodic() {
            return false;
        }

        @Override
        public long getDelay(TimeUnit unit) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int compareTo(Delayed other) {
            throw new UnsupportedOperationException();
        }
    }
}
