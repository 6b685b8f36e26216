package dev.serai.camel;

import dev.serai.ledger.time.TimeSource;
import dev.serai.rhythm.Rhythm;
import dev.serai.rhythm.Silence;
import dev.serai.rhythm.SourceMemory;
import dev.serai.text.DurationText;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * The pauses between the changes of a source, and whether the present one is too long.
 *
 * <p>Threads: guarded by the source's status.
 */
final class ChangePauses {
    private final TimeSource time;
    private final double patience;
    private final String change;
    private @Nullable SourceMemory memory;

    /**
     * @param patience how many times as long as a push may be late a change may be
     * @param change what does not come, as the object of a sentence that begins with "no"
     */
    ChangePauses(TimeSource time, double patience, String change) {
        this.time = time;
        this.patience = patience;
        this.change = change;
    }

    void remember(@Nullable SourceMemory known) {
        if (memory != known) {
            memory = known;
            begin();
        }
    }

    void begin() {
        if (memory != null) {
            memory.rhythm().begin(time.instant(), time.monotonicMillis());
        }
    }

    /** A change came. */
    void came() {
        if (memory != null) {
            memory.rhythm().came(time.instant(), time.monotonicMillis());
        }
    }

    /** Null if the pause is not too long, or nothing is known. */
    @Nullable Silence silence() {
        return memory == null ? null : memory.rhythm().silence(time.instant(), time.monotonicMillis(), patience);
    }

    /** See {@link SourceReport#usualPause}. */
    @Nullable Duration usual() {
        return memory == null ? null : memory.rhythm().usualPause(time.instant());
    }

    /** See {@link SourceReport#missedShare}. */
    @Nullable Double missedShare() {
        return memory == null ? null : memory.missed().share();
    }

    String reason(Silence silence) {
        Instant since = silence.since().truncatedTo(ChronoUnit.SECONDS);
        Duration usual = silence.usual();
        boolean isLong = usual.compareTo(Rhythm.PAUSE_MIN) > 0;
        Duration shown = isLong ? usual : Rhythm.PAUSE_MIN;
        return "no " + change + " since " + (silence.isFromStart() ? "the source started at " : "") + since
                + "; at this hour of the week the usual pause is " + (isLong ? "" : "at most ")
                + DurationText.ofSeconds(shown.toMillis() / 1000.0);
    }
}
