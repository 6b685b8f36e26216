package dev.serai.ledger.history;

import java.time.Instant;
import java.util.List;

/** What a transaction writes of the counted attempts. */
public interface ChainWrites {
    /** So many periods of each target are kept. */
    int PERIODS_MAX = 1_000;

    /** Adds to the windows that this time is in. Targets that do not exist any more are left out. */
    void addChains(Instant at, List<ChainRows> rows);

    /** Deletes the windows of this length that began earlier; with those of days, the scores of those days too. */
    void trimTransitions(ChainWindow window, Instant before);
}
