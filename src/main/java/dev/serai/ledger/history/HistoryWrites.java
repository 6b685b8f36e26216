package dev.serai.ledger.history;

import java.time.Instant;
import java.util.List;

/** What a transaction writes of the history. */
public interface HistoryWrites extends ChainWrites {

    /**
     * Adds what happened to a minute and to its hour. Targets that do not exist any more are left out.
     *
     * @param minute its beginning
     */
    void add(Instant minute, List<HistoryRow> rows);

    /** Keeps changes of targets' states, and deletes some of the oldest if they are too old or too many. */
    void stateChanges(List<StateChange> changes, Instant keptSince, int changesMax);

    /** Deletes the periods of this length that began earlier. */
    void trim(HistoryStep step, Instant before);
}
