package dev.serai.store.jdbc;

import dev.serai.ledger.history.ChainRows;
import dev.serai.ledger.history.ChainRows.PeriodRow;
import dev.serai.ledger.history.ChainRows.ScoreRow;
import dev.serai.ledger.history.ChainWindow;
import dev.serai.ledger.history.HistoryCounts;
import dev.serai.ledger.history.HistoryRow;
import dev.serai.ledger.history.HistoryStep;
import dev.serai.ledger.history.HistoryWrites;
import dev.serai.ledger.history.StateChange;
import dev.serai.ledger.model.TargetName;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Writes the rows of the history.
 *
 * <p>Threads: one thread, the writer.
 */
public final class HistoryWriter implements HistoryWrites {
    private static final Integer ALL = 0;
    /** So many old changes of states go with each new one at most. */
    private static final int TRIMMED_PER_CHANGE = 10;

    private final Session session;
    private final ToIntFunction<String> flows;
    private final Function<TargetName, @Nullable Integer> targets;

    /**
     * @param flows gives the number of a flow
     * @param targets gives the number of a target, null if it does not exist
     */
    public HistoryWriter(
            Session session, ToIntFunction<String> flows, Function<TargetName, @Nullable Integer> targets) {
        this.session = session;
        this.flows = flows;
        this.targets = targets;
    }

    @Override
    public void add(Instant minute, List<HistoryRow> rows) {
        long at = HistoryReader.minutes(minute);
        long hour = HistoryReader.minutes(HistoryStep.HOUR.floor(minute));
        for (HistoryRow row : rows) {
            String flow = row.flow();
            String target = row.target();
            Integer number = flow == null || target == null ? ALL : targets.apply(new TargetName(flow, target));
            if (number != null) {
                int ofFlow = flow == null ? ALL : flows.applyAsInt(flow);
                session.batch("addMinute", columns(at, ofFlow, number, row.counts()));
                session.batch("addHour", columns(hour, ofFlow, number, row.counts()));
            }
        }
        session.flush("addMinute");
        session.flush("addHour");
    }

    private static Object[] columns(long at, int flow, int target, HistoryCounts counts) {
        return new Object[] {
            at,
            flow,
            target,
            counts.accepted(),
            counts.duplicates(),
            counts.delivered(),
            counts.failed(),
            counts.dead(),
            counts.pending(),
            counts.oldestMillis()
        };
    }

    @Override
    public void stateChanges(List<StateChange> changes, Instant keptSince, int changesMax) {
        for (StateChange change : changes) {
            Integer target = targets.apply(new TargetName(change.flow(), change.target()));
            if (target != null) {
                session.update("saveStateChange", change.at().toEpochMilli(), target, change.before(), change.state());
            }
        }
        session.update("trimStateChanges", TRIMMED_PER_CHANGE * changes.size(), keptSince.toEpochMilli(), changesMax);
    }

    @Override
    public void trim(HistoryStep step, Instant before) {
        session.update("trimHistory", HistoryReader.code(step), HistoryReader.minutes(before));
    }

    // ---- Counted attempts

    @Override
    public void addChains(Instant at, List<ChainRows> rows) {
        long day = HistoryReader.minutes(ChainWindow.DAY.floor(at));
        for (ChainRows row : rows) {
            Integer target = targets.apply(new TargetName(row.flow(), row.target()));
            if (target == null) {
                continue;
            }
            row.counts().forEach((cell, number) -> {
                for (ChainWindow window : ChainWindow.values()) {
                    long begin = HistoryReader.minutes(window.floor(at));
                    session.batch("addTransition", ChainReader.code(window), begin, target, cell, number);
                }
            });
            for (PeriodRow period : lastOfEachStart(row.periods())) {
                session.batch(
                        "saveRegime",
                        target,
                        period.start().toEpochMilli(),
                        period.regime(),
                        period.until().toEpochMilli(),
                        period.ended() ? 1 : 0);
            }
            for (ScoreRow score : row.scores()) {
                session.batch(
                        "addScore", day, target, score.column(), score.attempts(), score.brier(), score.logLoss());
            }
            session.batch("trimRegimes", target, target, PERIODS_MAX);
        }
        session.flushAll("addTransition", "saveRegime", "addScore", "trimRegimes");
    }

    /** A regime that ends in the millisecond in which it began is replaced: PostgreSQL takes no two rows of one key in one statement. */
    private static Collection<PeriodRow> lastOfEachStart(List<PeriodRow> periods) {
        Map<Long, PeriodRow> last = new LinkedHashMap<>();
        periods.forEach(period -> last.put(period.start().toEpochMilli(), period));
        return last.values();
    }

    @Override
    public void trimTransitions(ChainWindow window, Instant before) {
        session.update("trimTransitions", ChainReader.code(window), HistoryReader.minutes(before));
        session.update("deleteRegimesOfRemoved");
        if (window == ChainWindow.DAY) {
            session.update("trimScores", HistoryReader.minutes(before));
        }
    }
}
