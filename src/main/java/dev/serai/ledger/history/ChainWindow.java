package dev.serai.ledger.history;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** The length of the windows that attempts are counted in, and for how long they are kept. */
public enum ChainWindow {
    FIVE_MINUTES(Duration.ofMinutes(5), Duration.ofDays(2)),
    HOUR(Duration.ofHours(1), Duration.ofDays(14)),
    DAY(Duration.ofDays(1), Duration.ofDays(90));

    private final Duration length;
    private final Duration kept;

    ChainWindow(Duration length, Duration kept) {
        this.length = length;
        this.kept = kept;
    }

    public Duration length() {
        return length;
    }

    /** The beginning of the window that this time is in. */
    public Instant floor(Instant time) {
        return HistoryStep.floor(time, length);
    }

    /** As {@link HistoryStep#trimmedBefore}. */
    public Optional<Instant> trimmedBefore(Instant oldest, Instant now) {
        return HistoryStep.trimmedBefore(length, kept, oldest, now);
    }
}
