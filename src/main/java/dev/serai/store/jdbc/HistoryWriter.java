package dev.serai.store.jdbc;

import dev.serai.ledger.history.HistoryCounts;
import dev.serai.ledger.history.HistoryRow;
import dev.serai.ledger.history.HistoryStep;
import dev.serai.ledger.history.HistoryWrites;
import dev.serai.ledger.history.StateChange;
import dev.serai.ledger.model.TargetName;
import java.time.Instant;
import java.util.List;
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
}
