package dev.serai.ledger.history;

import dev.serai.ledger.history.ChainRows.PeriodRow;
import dev.serai.ledger.history.ChainRows.ScoreRow;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a store reads of the counted attempts. */
public interface ChainReads {

    /**
     * The sums of the windows that begin at this time or later, by cell.
     *
     * @param until exclusive
     */
    Map<Integer, Long> transitions(ChainWindow window, String flow, String target, Instant since, Instant until);

    /** The beginning of the oldest window of this length. */
    Optional<Instant> oldestTransition(ChainWindow window);

    /** The newest periods of a target's regimes, newest first. */
    List<PeriodRow> regimes(String flow, String target, int limit);

    /** The sums of the scores of the days since then, by column. */
    List<ScoreRow> scores(String flow, String target, Instant since);
}
