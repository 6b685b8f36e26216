package dev.serai.reconcile;

import dev.serai.reconcile.book.RunTimes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When which run is due. When runs began is kept over a restart.
 *
 * <p>Threads: one thread.
 */
final class RunSchedule {
    /** Runs come up to this part of their interval earlier. */
    private static final int EARLIER_PART = 10;

    private static final int GOLDEN_RATIO = 0x9E3779B9;

    private final ReconcileFile file;
    private final RunTimes times;
    private final Clock clock;

    RunSchedule(ReconcileFile file, RunTimes times, Clock clock) {
        this.file = file;
        this.times = times;
        this.clock = clock;
    }

    /**
     * The run that is due; null if none is.
     *
     * @param canCompareRecent whether all keys that are not recent are known to be equal
     */
    @Nullable RunRequest due(boolean canCompareRecent) {
        if (isDue(RunRequest.LOOK, spread(file.every()))) {
            return RunRequest.LOOK;
        }
        if (canCompareRecent && isRecentDue()) {
            return RunRequest.LOOK_AT_RECENT;
        }
        RunRequest sample = RunRequest.lookAt(file.sample());
        return file.sample() > 0 && isDue(sample, spread(file.sampleEvery())) ? sample : null;
    }

    boolean isRecentDue() {
        return isDue(RunRequest.LOOK_AT_RECENT, file.hot());
    }

    /** Recent keys were compared. */
    void recentCompared() {
        times.set(RunRequest.LOOK_AT_RECENT.kind(), clock.instant());
    }

    /** Up to a tenth less, by the file's name: else all files that began together would read all their keys at the same times. */
    private @Nullable Duration spread(@Nullable Duration every) {
        if (every == null) {
            return null;
        }
        int part = (file.name().hashCode() * GOLDEN_RATIO) >>> Short.SIZE; // of names that are alike it is far apart
        return every.minus(every.dividedBy(EARLIER_PART).multipliedBy(part).dividedBy(1 << Short.SIZE));
    }

    private boolean isDue(RunRequest request, @Nullable Duration every) {
        if (every == null) {
            return false;
        }
        Instant last = times.last(request.kind());
        // The time lies ahead once the clock was set back: no run waits until it has come again.
        return last == null || Duration.between(last, clock.instant()).abs().compareTo(every) >= 0;
    }

    /** A run has ended, well or not. */
    void ended(RunProgress run) {
        // The hot window follows a pause, since it may take longer than that.
        times.set(run.request.kind(), run.request.hot() ? clock.instant() : run.startedAt);
        if (run.request.isOfAll()) {
            recentCompared();
        }
    }
}
