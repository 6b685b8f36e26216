package dev.serai.ledger.history;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** The length of the periods that the history is kept in, and for how long. */
public enum HistoryStep {
    MINUTE(Duration.ofMinutes(1), Duration.ofDays(2)),
    HOUR(Duration.ofHours(1), Duration.ofDays(90));

    private static final int TRIMMED_MAX = 3;

    private final Duration length;
    private final Duration kept;

    HistoryStep(Duration length, Duration kept) {
        this.length = length;
        this.kept = kept;
    }

    public Duration length() {
        return length;
    }

    public Duration kept() {
        return kept;
    }

    /**
     * The time before which periods may be deleted now, if there are any. So few are deleted at once that a clock that is wrong
     * for a while does not cost the whole history.
     *
     * @param oldest the beginning of the oldest
     */
    public Optional<Instant> trimmedBefore(Instant oldest, Instant now) {
        return trimmedBefore(length, kept, oldest, now);
    }

    static Optional<Instant> trimmedBefore(Duration length, Duration kept, Instant oldest, Instant now) {
        Instant keptSince = floor(now.minus(kept), length);
        Instant most = oldest.plus(length.multipliedBy(TRIMMED_MAX));
        return oldest.isBefore(keptSince) ? Optional.of(most.isBefore(keptSince) ? most : keptSince) : Optional.empty();
    }

    /** The beginning of the period that this time is in. */
    public Instant floor(Instant time) {
        return floor(time, length);
    }

    static Instant floor(Instant time, Duration length) {
        long millis = length.toMillis();
        return Instant.ofEpochMilli(Math.floorDiv(time.toEpochMilli(), millis) * millis);
    }
}
