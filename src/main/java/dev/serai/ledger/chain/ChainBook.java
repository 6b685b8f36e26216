package dev.serai.ledger.chain;

import dev.serai.forecast.ChainCounts;
import dev.serai.forecast.ForecastScore;
import dev.serai.forecast.IntervalScore;
import dev.serai.forecast.Regime;
import dev.serai.forecast.RegimePeriod;
import dev.serai.ledger.chain.TargetRecorder.Drift;
import dev.serai.ledger.chain.TargetRecorder.Unwritten;
import dev.serai.ledger.cluster.ShardCalls;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.history.ChainReads;
import dev.serai.ledger.history.ChainRows;
import dev.serai.ledger.history.ChainRows.PeriodRow;
import dev.serai.ledger.history.ChainRows.ScoreRow;
import dev.serai.ledger.history.ChainWindow;
import dev.serai.ledger.history.ChainWrites;
import dev.serai.ledger.history.HistoryStep;
import dev.serai.ledger.history.TargetDrift;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.ledger.time.TimeSource;
import dev.serai.task.FailureLog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The counted attempts of all targets: the recorders, and how what they count becomes durable. It is kept in the first shard, in
 * windows of 5 minutes, 1 hour and 1 day of the wall clock; what a crash interrupts is lost.
 *
 * <p>Threads: safe.
 */
public final class ChainBook {
    private static final Duration DAY = Duration.ofDays(1);
    private static final int ROWS_PER_WRITE = 50;
    private static final long HALF_MINUTE_MILLIS = 30_000;
    /** A node that stops waits no longer. */
    private static final long LAST_SECONDS_MAX = 5;
    /** The column of the first cell of {@link IntervalScore}; those of {@link ForecastScore} are below. */
    private static final int INTERVALS = 100;

    private final Supplier<ChainReads> reads;
    private final TimeSource time;
    private final FailureLog problems = new FailureLog("Reading the counted attempts");
    private final FailureLog unsent = new FailureLog("Sending counted attempts to the node with the first shard");
    private final Map<TargetName, TargetRecorder> recorders = new ConcurrentHashMap<>();
    /** What the node with the first shard says; null if that is this one. */
    private volatile @Nullable Map<TargetName, Drift> drifting;

    public ChainBook(Supplier<ChainReads> reads, TimeSource time) {
        this.reads = reads;
        this.time = time;
    }

    // ---- Counting

    /** The recorder of a target that is added or gets other options. */
    public TargetRecorder open(TargetName name, TargetOptions options) {
        TargetRecorder recorder = recorders.computeIfAbsent(name, added -> restored(added, options));
        recorder.use(options);
        return recorder;
    }

    /** When a target that is down may be back. */
    private void learn(TargetName name, TargetRecorder recorder) {
        try {
            recorder.learn(periods(name));
        } catch (StoreException e) { // it is probed as before
            problems.failed(e);
        }
    }

    private TargetRecorder restored(TargetName name, TargetOptions options) {
        TargetRecorder recorder = new TargetRecorder(options, time);
        try {
            Instant now = time.instant();
            recorder.restore(stored(ChainWindow.FIVE_MINUTES, name, now.minus(DAY), now));
        } catch (StoreException e) { // begins anew
            problems.failed(e);
        }
        return recorder;
    }

    Optional<TargetRecorder> find(TargetName name) {
        return Optional.ofNullable(recorders.get(name));
    }

    /** The failures of the last minutes that do not fit those of the last day. */
    public Optional<Drift> drift(TargetName name) {
        Map<TargetName, Drift> said = drifting;
        return said == null ? find(name).flatMap(TargetRecorder::drift) : Optional.ofNullable(said.get(name));
    }

    /** What was counted since the last time, in parts that are each written at once. */
    public List<List<ChainRows>> minute() {
        List<ChainRows> rows = new ArrayList<>();
        recorders.forEach((name, recorder) -> {
            rows.add(rows(name, recorder.drain()));
            if (recorder.isDown()) {
                learn(name, recorder);
            }
        });
        List<List<ChainRows>> parts = new ArrayList<>();
        for (int from = 0; from < rows.size(); from += ROWS_PER_WRITE) {
            parts.add(rows.subList(from, Math.min(rows.size(), from + ROWS_PER_WRITE)));
        }
        return parts;
    }

    /** What a minute that is over has to write where the first shard is. */
    public List<Consumer<Transaction>> writes(Instant minute, Instant now) {
        drifting = null;
        List<Consumer<Transaction>> parts = new ArrayList<>();
        minute().forEach(part -> parts.add(transaction -> transaction.history().addChains(minute, part)));
        for (ChainWindow window : ChainWindow.values()) {
            Instant oldest = reads.get().oldestTransition(window).orElse(now);
            window.trimmedBefore(oldest, now)
                    .ifPresent(before ->
                            parts.add(transaction -> transaction.history().trimTransitions(window, before)));
        }
        return parts;
    }

    // ---- At several nodes

    /**
     * Sends what was counted since the last time to the node that has the first shard, which keeps it with its own. While no node is
     * known to have it, the counts go on; of a call that fails they are lost, since what became of it may not be known.
     *
     * @param keeper the calls to that node; throws {@link LedgerException} while none is known
     * @param isLast whether this node stops, so that the answer is waited for
     */
    public void send(Supplier<ShardCalls> keeper, Instant now, boolean isLast) {
        ShardCalls first;
        try {
            first = keeper.get();
        } catch (LedgerException e) {
            unsent.failed(e);
            return;
        }
        Instant minute = HistoryStep.MINUTE.floor(now.minusMillis(HALF_MINUTE_MILLIS));
        CompletableFuture<Void> sent = CompletableFuture.allOf(minute().stream()
                        .map(part -> first.count(minute, part).thenAccept(this::drifting))
                        .toArray(CompletableFuture[]::new))
                .whenComplete((done, failure) -> unsent.ended(failure));
        if (isLast) {
            sent.completeOnTimeout(null, LAST_SECONDS_MAX, TimeUnit.SECONDS)
                    .exceptionally(failure -> null)
                    .join();
        }
    }

    /** What another node counted, without the regimes that it saw: those are told as this node sees them. */
    public List<ChainRows> heard(List<ChainRows> rows) {
        for (ChainRows row : rows) {
            ChainCounts counts = counts(row.counts());
            find(new TargetName(row.flow(), row.target()))
                    .ifPresent(recorder -> recorder.elsewhere(counts.attempts(), counts.failures()));
        }
        return rows.stream()
                .map(row -> new ChainRows(row.flow(), row.target(), row.counts(), List.of(), row.scores()))
                .toList();
    }

    /** What the others are told. */
    public List<TargetDrift> drifts() {
        List<TargetDrift> drifts = new ArrayList<>();
        recorders.forEach((name, recorder) -> recorder.drift()
                .ifPresent(drift ->
                        drifts.add(new TargetDrift(name.flow(), name.target(), drift.lately(), drift.usual()))));
        return drifts;
    }

    /** What the node with the first shard says of all nodes. */
    private void drifting(List<TargetDrift> said) {
        drifting = said.stream()
                .collect(Collectors.toMap(
                        drift -> new TargetName(drift.flow(), drift.target()),
                        drift -> new Drift(drift.lately(), drift.usual())));
    }

    private static ChainRows rows(TargetName name, Unwritten unwritten) {
        Map<Integer, Long> counts = new TreeMap<>();
        for (int cell = 0; cell < ChainCounts.CELLS; cell++) {
            if (unwritten.counts().get(cell) != 0) {
                counts.put(cell, unwritten.counts().get(cell));
            }
        }
        List<PeriodRow> periods = unwritten.periods().stream()
                .map(period -> new PeriodRow(
                        period.regime().word(),
                        Instant.ofEpochMilli(period.startMillis()),
                        Instant.ofEpochMilli(period.endMillis()),
                        period.ended()))
                .toList();
        List<ScoreRow> scores = new ArrayList<>();
        ForecastScore score = unwritten.score();
        for (int column = 0; score.attempts() > 0 && column < ForecastScore.COLUMNS; column++) {
            scores.add(new ScoreRow(column, score.attempts(), score.brierSum(column), score.logLossSum(column)));
        }
        unwritten
                .intervals()
                .forEach(
                        (cell, known, below, shift) -> scores.add(new ScoreRow(INTERVALS + cell, known, below, shift)));
        return new ChainRows(name.flow(), name.target(), counts, periods, scores);
    }

    // ---- Reading

    private ChainCounts stored(ChainWindow window, TargetName name, Instant since, Instant until) {
        return counts(reads.get().transitions(window, name.flow(), name.target(), since, until));
    }

    private static ChainCounts counts(Map<Integer, Long> byCell) {
        ChainCounts counts = new ChainCounts();
        byCell.forEach((cell, number) -> {
            if (cell < ChainCounts.CELLS) { // a later version may know more
                counts.add(cell, number);
            }
        });
        return counts;
    }

    /** What is stored of the windows since then, and what is not written yet. */
    ChainCounts counts(ChainWindow window, TargetName name, Instant since) {
        ChainCounts counts = stored(window, name, since, time.instant().plusMillis(1));
        find(name).ifPresent(recorder -> counts.addAll(recorder.unwritten().counts()));
        return counts;
    }

    /** The newest periods of the target's regimes, in any order. */
    List<RegimePeriod> periods(TargetName name) {
        Map<Long, RegimePeriod> periods = new TreeMap<>();
        for (PeriodRow row : reads.get().regimes(name.flow(), name.target(), ChainWrites.PERIODS_MAX)) {
            Regime.of(row.regime())
                    .ifPresent(regime -> periods.put(
                            row.start().toEpochMilli(),
                            new RegimePeriod(
                                    regime,
                                    row.start().toEpochMilli(),
                                    row.until().toEpochMilli(),
                                    row.ended())));
        }
        find(name)
                .ifPresent(recorder ->
                        recorder.unwritten().periods().forEach(period -> periods.put(period.startMillis(), period)));
        return List.copyOf(periods.values());
    }

    /** How well attempts and times were foretold. */
    record Scores(ForecastScore attempts, IntervalScore intervals) {}

    /** Those since then. */
    Scores scores(TargetName name, Instant since) {
        ForecastScore score = new ForecastScore();
        IntervalScore intervals = new IntervalScore();
        for (ScoreRow row : reads.get().scores(name.flow(), name.target(), since)) {
            if (row.column() < ForecastScore.COLUMNS) {
                score.restore(row.column(), row.attempts(), row.brier(), row.logLoss());
            } else if (row.column() >= INTERVALS) {
                intervals.restore(row.column() - INTERVALS, row.attempts(), Math.round(row.brier()), row.logLoss());
            }
        }
        find(name).map(TargetRecorder::unwritten).ifPresent(unwritten -> {
            score.addAll(unwritten.score());
            intervals.addAll(unwritten.intervals());
        });
        return new Scores(score, intervals);
    }
}
