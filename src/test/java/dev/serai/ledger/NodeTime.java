package dev.serai.ledger;

import dev.serai.ledger.time.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
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

/**
 * One process in a {@link NodeWorld}, from its start to its death: its clocks, which go too fast or too slow, its tasks and its
 * writers. It can stand still, alone or with its machine, whose monotonic clock stands still then too.
 */
final class NodeTime implements TimeSource {
    private static final long START_MILLIS =
            Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();

    private final NodeWorld world;
    private final String name;
    private final double rate;
    private final long bornMillis;
    private final PriorityQueue<Task> tasks =
            new PriorityQueue<>(Comparator.comparingLong(Task::dueMillis).thenComparingLong(Task::number));
    private final List<NodeWriter> writers = new ArrayList<>();
    private long pausedUntilMillis;
    private long asleepMillis;
    private long setByMillis;
    private long number;
    private boolean dead;

    private record Task(long dueMillis, long number, Runnable run) {}

    /**
     * @param rate of its clocks, 1 if they are right
     * @param setBy how far its wall clock is ahead
     */
    NodeTime(NodeWorld world, String name, double rate, Duration setBy) {
        this.world = world;
        this.name = name;
        this.rate = rate;
        this.bornMillis = world.nowMillis();
        this.setByMillis = setBy.toMillis();
        world.join(this);
    }

    // ---- What happens to it

    void die() {
        dead = true;
        tasks.clear();
    }

    boolean isDead() {
        return dead;
    }

    boolean isPaused() {
        return !dead && pausedUntilMillis > world.nowMillis();
    }

    void pause(long millis) {
        pausedUntilMillis = Math.max(pausedUntilMillis, world.nowMillis() + millis);
    }

    /** The machine sleeps: its monotonic clock stands still, and its wall clock is right when it wakes. */
    void sleep(long millis) {
        if (isPaused()) {
            return;
        }
        pause(millis);
        asleepMillis += millis;
        List<Task> all = new ArrayList<>(tasks);
        tasks.clear();
        all.forEach(task -> tasks.add(new Task(task.dueMillis() + millis, task.number(), task.run())));
    }

    void setClock(Duration by) {
        setByMillis += by.toMillis();
    }

    // ---- Its threads

    void add(NodeWriter writer) {
        writers.add(writer);
    }

    boolean isReady() {
        return !dead && !isPaused() && (isTaskDue() || writers.stream().anyMatch(NodeWriter::isReady));
    }

    private boolean isTaskDue() {
        Task next = tasks.peek();
        return next != null && next.dueMillis() <= world.nowMillis();
    }

    long nextMillis() {
        Task next = tasks.peek();
        return Math.max(pausedUntilMillis, next == null ? Long.MAX_VALUE : next.dueMillis());
    }

    void runOne() {
        List<NodeWriter> ready = writers.stream().filter(NodeWriter::isReady).toList();
        if (!ready.isEmpty() && (!isTaskDue() || world.random.nextBoolean())) {
            world.any(ready).turnOnce();
            writers.removeIf(NodeWriter::isOver);
        } else {
            tasks.remove().run().run();
        }
    }

    void execute(Runnable run) {
        add(0, run);
    }

    private void add(long millis, Runnable run) {
        if (!dead) {
            tasks.add(new Task(world.nowMillis() + (long) (millis / rate), number++, run));
        }
    }

    /** A thread of it waits for another one of it. */
    @Override
    public void waitOn(Object monitor, long millis) throws InterruptedException {
        world.await(this);
        if (dead) {
            throw new InterruptedException("the process has ended");
        }
    }

    // ---- Its clocks

    @Override
    public long monotonicMillis() {
        return (long) ((world.nowMillis() - bornMillis - asleepMillis) * rate);
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(START_MILLIS + setByMillis + (long) (world.nowMillis() * rate));
    }

    @Override
    public String toString() {
        return name;
    }

    /** An executor on its threads. */
    ScheduledExecutorService executor() {
        return new NodeExecutor();
    }

    /** Only what a ledger uses. */
    private final class NodeExecutor extends AbstractExecutorService implements ScheduledExecutorService {
        private boolean shut;

        @Override
        public void execute(Runnable task) {
            add(0, task);
        }

        @Override
        public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
            OnceTask once = new OnceTask(task);
            add(unit.toMillis(delay), once);
            return once;
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
            return schedule(
                    () -> {
                        if (!shut) {
                            task.run();
                            scheduleWithFixedDelay(task, pause, pause, unit);
                        }
                    },
                    first,
                    unit);
        }

        @Override
        public void shutdown() {
            shut = true;
        }

        @Override
        public List<Runnable> shutdownNow() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isShutdown() {
            return shut;
        }

        @Override
        public boolean isTerminated() {
            return shut;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            throw new UnsupportedOperationException();
        }
    }

    /** Runs its task so that an exception reaches the test. */
    private static final class OnceTask extends FutureTask<Void> implements RunnableScheduledFuture<Void> {
        private final Runnable task;

        OnceTask(Runnable task) {
            super(task, null);
            this.task = task;
        }

        @Override
        public void run() {
            if (!isCancelled()) {
                task.run();
            }
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
