package dev.serai.ledger.history;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What is counted of the attempts to deliver to one target.
 *
 * @param counts by the cell that they are counted in, see {@link dev.serai.forecast.ChainCounts}
 * @param periods of its regimes that ended or still run
 * @param scores how well attempts and times were foretold, by column
 */
public record ChainRows(
        String flow, String target, Map<Integer, Long> counts, List<PeriodRow> periods, List<ScoreRow> scores) {

    /**
     * A time in one regime.
     *
     * @param regime its word
     * @param until when it ended, or until when it was observed
     */
    public record PeriodRow(String regime, Instant start, Instant until, boolean ended) {}

    /**
     * The sums of one column: of {@link dev.serai.forecast.ForecastScore}, or from 100 on of a cell of
     * {@link dev.serai.forecast.IntervalScore}, whose outcomes, those of them below the quantile and shift stand in the same order.
     */
    public record ScoreRow(int column, long attempts, double brier, double logLoss) {}
}
