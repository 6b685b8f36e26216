package dev.serai.ledger.time;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The times that a ledger counts in, none of which depends on steps of the wall clock while the ledger is open.
 *
 * <ul>
 *   <li>The wall clock ({@link #instant}) is for what is shown.
 *   <li>The monotonic clock is for delays within this process.
 *   <li>Steady time is for what is due. It began as the wall clock at the first start, goes on by the monotonic clock while
 *       the ledger is open and by the wall clock while it is closed, and never goes back.
 *   <li>Running time is for retention: how long the ledger has been open, over all starts.
 * </ul>
 *
 * <p>Threads: safe; {@link #start} comes first.
 */
public final class LedgerClock implements TimeSource {
    /** Smaller differences between wall clock and monotonic clock are the adjustments of a time service. */
    private static final long STEP_MIN_MILLIS = 2_000;

    private static final Duration STEP_TOLD = Duration.ofHours(1);

    private final TimeSource time;
    private volatile Origin origin;
    private volatile boolean firstStart = true;
    private long wallMinusMonotonic;
    private long steps;
    private long steppedAtMillis;
    private @Nullable ClockStep lastStep;

    /** Running and steady time at one moment of the monotonic clock. */
    private record Origin(long monotonic, long running, long steady) {}

    public LedgerClock(TimeSource time) {
        this.time = time;
        this.origin = new Origin(time.monotonicMillis(), 0, time.millis());
        this.wallMinusMonotonic = time.millis() - time.monotonicMillis();
    }

    /**
     * Goes on from what a ledger saved; a wall clock that is behind it was set back while the ledger was closed.
     *
     * @param saved null for a ledger that never saved its clock
     */
    public synchronized void start(@Nullable SavedClock saved) {
        long wall = time.millis();
        long monotonic = time.monotonicMillis();
        wallMinusMonotonic = wall - monotonic;
        firstStart = saved == null;
        if (saved == null) {
            origin = new Origin(monotonic, 0, wall);
            return;
        }
        long closed = wall - saved.wall();
        origin = new Origin(monotonic, saved.running(), saved.steady() + Math.max(0, closed));
        if (closed <= -STEP_MIN_MILLIS) {
            stepped(closed);
        }
    }

    @Override
    public Instant instant() {
        return time.instant();
    }

    @Override
    public long millis() {
        return time.millis();
    }

    @Override
    public long monotonicMillis() {
        return time.monotonicMillis();
    }

    @Override
    public void waitOn(Object monitor, long millis) throws InterruptedException {
        time.waitOn(monitor, millis);
    }

    /** Whether the ledger never saved its clock before: what is due then was written by the wall clock of another program. */
    public boolean isFirstStart() {
        return firstStart;
    }

    public Instant steady() {
        Origin from = origin;
        return Instant.ofEpochMilli(from.steady() + time.monotonicMillis() - from.monotonic());
    }

    public long runningMillis() {
        Origin from = origin;
        return from.running() + time.monotonicMillis() - from.monotonic();
    }

    /** What a steady time is by the wall clock, in which it is shown. */
    public Instant toWall(Instant steady) {
        Duration ahead = Duration.between(steady(), instant());
        return ahead.abs().toMillis() < STEP_MIN_MILLIS ? steady : steady.plusSeconds(ahead.toSeconds());
    }

    public SavedClock toSave() {
        return new SavedClock(runningMillis(), steady().toEpochMilli(), time.millis());
    }

    /** Compares the clocks; returns how far the wall clock was set since they were compared last, if it was. */
    public synchronized Optional<ClockStep> look() {
        long now = time.millis() - time.monotonicMillis();
        long by = now - wallMinusMonotonic;
        wallMinusMonotonic = now;
        if (Math.abs(by) < STEP_MIN_MILLIS) {
            return Optional.empty();
        }
        stepped(by);
        return Optional.ofNullable(lastStep);
    }

    private void stepped(long byMillis) {
        steps++;
        steppedAtMillis = time.monotonicMillis();
        lastStep = new ClockStep(time.instant(), Duration.ofMillis(byMillis));
    }

    /** The last step of the wall clock, for an hour after it was seen. */
    public synchronized Optional<ClockStep> recentStep() {
        boolean over = time.monotonicMillis() - steppedAtMillis >= STEP_TOLD.toMillis();
        return over ? Optional.empty() : Optional.ofNullable(lastStep);
    }

    /** How many steps of the wall clock were seen since the start. */
    public synchronized long steps() {
        return steps;
    }
}
