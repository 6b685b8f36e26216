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
 * The pauses between the changes of a source, whichever node they come to, and whether the present one is too long.
 *
 * <p>Threads: safe.
 */
public final class ChangePauses {
    private final TimeSource time;
    private final double patience;
    private final String change;
    private @Nullable SourceMemory memory;
    private @Nullable Silence silence;
    private long arrivals;

    /**
     * @param patience how many times as long as a push may be late a change may be
     * @param change what does not come, as the object of a sentence that begins with "no"
     */
    ChangePauses(TimeSource time, double patience, String change) {
        this.time = time;
        this.patience = patience;
        this.change = change;
    }

    /** From now on it goes on learning from what was learned before; null for a source that is not to learn, and never silent. */
    public synchronized void remember(@Nullable SourceMemory known) {
        if (memory != known) {
            memory = known;
            begin();
        }
    }

    /** What came until now is not known, or nothing can come: the present pause begins now, and is not learned. */
    public synchronized void begin() {
        silence = null;
        if (memory != null) {
            memory.rhythm().begin(time.instant(), time.monotonicMillis());
        }
    }

    /** A change came. */
    synchronized void came() {
        arrivals++;
        cameElsewhere();
    }

    /** A change came at another node. */
    public synchronized void cameElsewhere() {
        silence = null;
        if (memory != null) {
            memory.rhythm().came(time.instant(), time.monotonicMillis());
        }
    }

    /** Another node knows that nothing came to any node since then. */
    public synchronized void nothingSince(Instant since) {
        if (memory != null) {
            memory.rhythm().nothingSince(since, time.instant(), time.monotonicMillis());
        }
    }

    /** How many changes, or batches with something new, came at this node. */
    synchronized long arrivals() {
        return arrivals;
    }

    /**
     * Finds out whether the present pause is too long.
     *
     * @param isKnown whether it is known what came to all nodes until now; else what was no silence before is none
     */
    public synchronized void look(boolean isKnown) {
        if (memory != null && isKnown) {
            silence = memory.rhythm().silence(time.instant(), time.monotonicMillis(), patience);
        } else if (silence == null) {
            begin();
        }
    }

    /** Null if the pause was not too long at the last look and since then, or nothing is known. */
    synchronized @Nullable Silence silence() {
        return silence;
    }

    /** See {@link SourceReport#usualPause}. */
    synchronized @Nullable Duration usual() {
        return memory == null ? null : memory.rhythm().usualPause(time.instant());
    }

    /** See {@link SourceReport#missedShare}. */
    synchronized @Nullable Double missedShare() {
        return memory == null ? null : memory.missed().share();
    }

    String reason(Silence silence) {
        Instant since = silence.since().truncatedTo(ChronoUnit.SECONDS);
        Duration usual = silence.usual();
        boolean isLong = usual.compareTo(Rhythm.PAUSE_MIN) > 0;
        Duration shown = isLong ? usual : Rhythm.PAUSE_MIN;
        return "no " + change + " since " + (silence.isFromStart() ? "the watch began at " : "") + since
                + "; at this hour of the week the usual pause is " + (isLong ? "" : "at most ")
                + DurationText.ofSeconds(shown.toMillis() / 1000.0);
    }
}
