package dev.serai.ledger;

import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.chain.ChainBook;
import dev.serai.ledger.chain.Forecaster;
import dev.serai.ledger.delivery.FailureCounts;
import dev.serai.ledger.history.HistoryCounts;
import dev.serai.ledger.history.HistoryPoint;
import dev.serai.ledger.history.HistoryQuery;
import dev.serai.ledger.history.HistoryRow;
import dev.serai.ledger.history.HistoryStep;
import dev.serai.ledger.history.HistoryTotals;
import dev.serai.ledger.history.StateChange;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.ledger.time.LedgerClock;
import dev.serai.ledger.write.WriteSequence;
import dev.serai.task.FailureLog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What happened in each minute, as differences of the counts at its begin and its end, which are read once a minute. It is kept
 * in the first shard, under the minutes of the wall clock; what a crash interrupts is lost.
 *
 * <p>Threads: safe.
 */
public final class FlowHistory {
    private static final long MINUTE_MILLIS = Duration.ofMinutes(1).toMillis();
    /** A sample this soon after the last one waits for the next minute. */
    private static final long SAMPLE_MILLIS_MIN = 5_000;
    /** One write takes the writer a few milliseconds. */
    private static final int ROWS_PER_WRITE = 500;

    private static final int STATE_CHANGES_MAX = 100_000;
    private static final String INITIAL_STATE = "ok";

    private final ShardMap shards;
    private final Overview overview;
    private final LedgerSettings settings;
    private final LedgerClock clock;
    private final FailureCounts failures;
    private final ChainBook chains;
    private final Forecaster forecaster;
    private final FailureLog problems = new FailureLog("Keeping the history of the flows");
    private final Map<TargetName, String> states = new HashMap<>();
    /** What was counted at the last sample; null while it could not be read. */
    private @Nullable HistoryTotals base;

    private long startedMillis;
    private long sampledMillis;
    private volatile boolean stopped;

    FlowHistory(
            ShardMap shards,
            Overview overview,
            DeliverySearch search,
            LedgerSettings settings,
            FailureCounts failures) {
        this.shards = shards;
        this.overview = overview;
        this.settings = settings;
        this.clock = settings.clock();
        this.failures = failures;
        this.chains = new ChainBook(() -> shards.first().store().history(), clock);
        this.forecaster = new Forecaster(chains, clock, search::waiting);
    }

    // ---- Sampling

    /** Begins with what the ledger has counted before. */
    synchronized void start() {
        startedMillis = clock.monotonicMillis();
        sampledMillis = startedMillis;
        try {
            base = stored();
            for (StateChange last : shards.first().store().history().lastStates()) {
                states.put(new TargetName(last.flow(), last.target()), last.state());
            }
        } catch (StoreException e) { // the first sample is the begin then
            problems.failed(e);
        }
        schedule();
    }

    private HistoryTotals stored() {
        HistoryTotals totals = new HistoryTotals();
        for (Shard shard : shards.all()) {
            Store store = shard.store();
            store.flows().forEach(flow -> totals.addFlow(flow.flow(), flow.accepted(), flow.duplicates()));
            store.history()
                    .delivered()
                    .forEach(count -> totals.addTarget(count.flow(), count.target(), count.delivered(), 0, 0, 0, 0));
        }
        return totals;
    }

    /** Keeps what happened in the minute that is not over. */
    void stop() {
        if (!stopped) {
            stopped = true;
            sample(true);
        }
    }

    private void schedule() {
        if (!stopped) {
            long left = MINUTE_MILLIS - Math.floorMod(clock.millis(), MINUTE_MILLIS);
            long delay = left < SAMPLE_MILLIS_MIN ? left + MINUTE_MILLIS : left;
            settings.scheduler().schedule(this::tick, delay, TimeUnit.MILLISECONDS);
        }
    }

    private void tick() {
        schedule();
        sample(false);
        if (!stopped && shards.first().isOwn()) {
            forecaster.tryOut(() -> Overview.targets(overview.whole()));
        }
    }

    private synchronized void sample(boolean isLast) {
        boolean isElsewhere = !shards.first().isOwn(); // then that node keeps it
        if (isElsewhere && (isLast || !stopped)) {
            chains.send(shards.first()::owner, clock.instant(), isLast);
        }
        if (isElsewhere || (stopped && !isLast)) {
            base = null;
            return;
        }
        try {
            List<FlowStatus> flows = overview.whole();
            Instant now = clock.instant();
            Instant minute = minute(now);
            HistoryTotals totals = totals(flows, now);
            List<HistoryRow> rows = base == null ? List.of() : totals.since(base);
            base = totals;
            sampledMillis = clock.monotonicMillis();
            boolean isStarting = sampledMillis - startedMillis < MINUTE_MILLIS; // routes may not run yet
            // At the end the targets have no routes any more.
            List<StateChange> changes = isLast || isStarting ? List.of() : newStates(flows, now);
            write(minute, rows, changes, now, isLast);
        } catch (RuntimeException e) { // the next sample has it
            problems.failed(e);
        }
    }

    /** The minute that most of the time since the last sample was in. */
    private Instant minute(Instant now) {
        long since = Math.min(MINUTE_MILLIS, clock.monotonicMillis() - sampledMillis);
        return HistoryStep.MINUTE.floor(now.minusMillis(since / 2));
    }

    private HistoryTotals totals(Collection<FlowStatus> flows, Instant now) {
        HistoryTotals totals = new HistoryTotals();
        flows.forEach(flow -> totals.addFlow(flow.flow(), flow.accepted(), flow.duplicates()));
        Overview.targets(flows)
                .forEach((name, target) -> totals.addTarget(
                        name.flow(),
                        name.target(),
                        target.delivered(),
                        failures.attempts(name),
                        failures.letters(name),
                        target.backlog(),
                        age(target.oldest(), now)));
        return totals;
    }

    private static long age(@Nullable Instant since, Instant now) {
        return since == null ? 0 : Math.max(0, now.toEpochMilli() - since.toEpochMilli());
    }

    private List<StateChange> newStates(List<FlowStatus> flows, Instant now) {
        List<StateChange> changes = new ArrayList<>();
        Map<TargetName, String> current = new HashMap<>();
        Overview.targets(flows).forEach((name, target) -> {
            String before = states.getOrDefault(name, INITIAL_STATE);
            String state = target.state(now).word();
            current.put(name, state);
            if (!state.equals(before)) {
                changes.add(new StateChange(now, name.flow(), name.target(), before, state));
            }
        });
        states.clear();
        states.putAll(current);
        failures.retain(current.keySet());
        return changes;
    }

    // ---- Writing

    private void write(Instant minute, List<HistoryRow> rows, List<StateChange> changes, Instant now, boolean atOnce) {
        List<Consumer<Transaction>> parts = new ArrayList<>();
        for (int from = 0; from < rows.size(); from += ROWS_PER_WRITE) {
            List<HistoryRow> part = rows.subList(from, Math.min(rows.size(), from + ROWS_PER_WRITE));
            parts.add(transaction -> transaction.history().add(minute, part));
        }
        if (!changes.isEmpty()) {
            Instant keptSince = now.minus(HistoryStep.HOUR.kept());
            parts.add(transaction -> transaction.history().stateChanges(changes, keptSince, STATE_CHANGES_MAX));
        }
        for (HistoryStep step : HistoryStep.values()) {
            Instant oldest = shards.first().store().history().oldest(step).orElse(now);
            step.trimmedBefore(oldest, now)
                    .ifPresent(before ->
                            parts.add(transaction -> transaction.history().trim(step, before)));
        }
        parts.addAll(chains.writes(minute, now));
        WriteSequence writes = new WriteSequence(shards.first().writer(), problems);
        if (atOnce) {
            writes.submitAtOnce(parts);
        } else {
            writes.submit(parts);
        }
    }

    // ---- Reading

    /** What is counted of the attempts, in the same minutes. */
    public ChainBook chains() {
        return chains;
    }

    /** Makes forecasts of it. */
    public Forecaster forecaster() {
        return forecaster;
    }

    /**
     * The periods in which something happened or waited, in order, with what happened so far in the one that is not over. Of all
     * flows, the periods in which the node ran.
     *
     * @param query within what is kept
     */
    public List<HistoryPoint> points(HistoryQuery query) {
        Map<Instant, HistoryPoint> points = new TreeMap<>();
        shards.first().store().history().points(query).forEach(point -> points.put(point.at(), point));
        HistoryPoint now = shards.reads().isWhole() ? current(query) : null;
        if (now != null) {
            points.merge(now.at(), now, (stored, later) -> plus(query.step(), stored, later));
        }
        return List.copyOf(points.values());
    }

    private static HistoryPoint plus(HistoryStep step, HistoryPoint stored, HistoryPoint later) {
        HistoryCounts sum = step == HistoryStep.MINUTE
                ? stored.counts().then(later.counts())
                : stored.counts().with(later.counts());
        return new HistoryPoint(stored.at(), sum);
    }

    /** Since the last sample; null if nothing happened or it is not asked for. */
    private synchronized @Nullable HistoryPoint current(HistoryQuery query) {
        Instant now = clock.instant();
        Instant at = query.step().floor(minute(now));
        HistoryTotals from = base;
        if (from == null || at.isBefore(query.step().floor(query.since())) || !at.isBefore(query.until())) {
            return null;
        }
        String flow = query.flow();
        List<FlowStatus> flows =
                flow == null ? overview.whole() : overview.flow(flow).stream().toList();
        // Of a flow that is asked for alone, the sum is that of the flow.
        HistoryCounts counts = totals(flows, now).since(from).stream()
                .filter(row -> query.target() == null ? row.flow() == null : isOf(row, query.target()))
                .map(HistoryRow::counts)
                .reduce(HistoryCounts.NONE, HistoryCounts::plus);
        return flow != null && counts.isNothing() ? null : new HistoryPoint(at, counts);
    }

    private static boolean isOf(HistoryRow row, String target) {
        return row.flow() != null && (row.target() == null || row.target().equals(target));
    }

    /** The newest changes of states, newest first; see the query's fields. */
    public List<StateChange> stateChanges(HistoryQuery query, int limit) {
        return shards.first()
                .store()
                .history()
                .stateChanges(query.flow(), query.target(), query.since(), query.until(), limit);
    }

    /** What was done to the node within a time, newest first. */
    public List<AuditEntry> actions(HistoryQuery query, int limit) {
        return shards.first().store().history().audit(query.since(), query.until(), limit);
    }
}
