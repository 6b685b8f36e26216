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
        if (isDue(RunRequest.LOOK, file.every())) {
            return RunRequest.LOOK;
        }
        if (canCompareRecent && isDue(RunRequest.LOOK_AT_RECENT, file.hot())) {
            return RunRequest.LOOK_AT_RECENT;
        }
        RunRequest sample = RunRequest.lookAt(file.sample());
        return file.sample() > 0 && isDue(sample, file.sampleEvery()) ? sample : null;
    }

    private boolean isDue(RunRequest request, @Nullable Duration every) {
        if (every == null) {
            return false;
        }
        Instant last = times.last(request.kind());
        return last == null || !last.plus(every).isAfter(clock.instant());
    }

    /** A run has ended, well or not. */
    void ended(RunProgress run) {
        // The hot window follows a pause, since it may take longer than that.
        times.set(run.request.kind(), run.request.hot() ? clock.instant() : run.startedAt);
        if (run.request.isOfAll()) {
            times.set(RunRequest.LOOK_AT_RECENT.kind(), clock.instant());
        }
    }
}
