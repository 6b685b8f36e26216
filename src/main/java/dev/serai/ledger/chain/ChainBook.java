package dev.serai.ledger.chain;

import dev.serai.forecast.ChainCounts;
import dev.serai.forecast.ForecastScore;
import dev.serai.forecast.Regime;
import dev.serai.forecast.RegimePeriod;
import dev.serai.ledger.chain.TargetRecorder.Drift;
import dev.serai.ledger.chain.TargetRecorder.Unwritten;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.history.ChainReads;
import dev.serai.ledger.history.ChainRows;
import dev.serai.ledger.history.ChainRows.PeriodRow;
import dev.serai.ledger.history.ChainRows.ScoreRow;
import dev.serai.ledger.history.ChainWindow;
import dev.serai.ledger.history.ChainWrites;
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
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The counted attempts of all targets: the recorders, and how what they count becomes durable. It is kept in the first shard, in
 * windows of 5 minutes, 1 hour and 1 day of the wall clock; what a crash interrupts is lost.
 *
 * <p>Threads: safe.
 */
public final class ChainBook {
    private static final Duration DAY = Duration.ofDays(1);
    private static final int ROWS_PER_WRITE = 50;

    private final Supplier<ChainReads> reads;
    private final TimeSource time;
    private final FailureLog problems = new FailureLog("Reading the counted attempts");
    private final Map<TargetName, TargetRecorder> recorders = new ConcurrentHashMap<>();

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
        return find(name).flatMap(TargetRecorder::drift);
    }

    /** What a minute that is over has to write. */
    public List<Consumer<Transaction>> writes(Instant minute, Instant now) {
        List<ChainRows> rows = new ArrayList<>();
        recorders.forEach((name, recorder) -> {
            rows.add(rows(name, recorder.drain()));
            if (recorder.isDown()) {
                learn(name, recorder);
            }
        });
        List<Consumer<Transaction>> parts = new ArrayList<>();
        for (int from = 0; from < rows.size(); from += ROWS_PER_WRITE) {
            List<ChainRows> part = rows.subList(from, Math.min(rows.size(), from + ROWS_PER_WRITE));
            parts.add(transaction -> transaction.history().addChains(minute, part));
        }
        for (ChainWindow window : ChainWindow.values()) {
            Instant oldest = reads.get().oldestTransition(window).orElse(now);
            window.trimmedBefore(oldest, now)
                    .ifPresent(before ->
                            parts.add(transaction -> transaction.history().trimTransitions(window, before)));
        }
        return parts;
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
        return new ChainRows(name.flow(), name.target(), counts, periods, scores);
    }

    // ---- Reading

    private ChainCounts stored(ChainWindow window, TargetName name, Instant since, Instant until) {
        ChainCounts counts = new ChainCounts();
        reads.get()
                .transitions(window, name.flow(), name.target(), since, until)
                .forEach((cell, number) -> {
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

    /** How well attempts were foretold since then. */
    ForecastScore score(TargetName name, Instant since) {
        ForecastScore score = new ForecastScore();
        for (ScoreRow row : reads.get().scores(name.flow(), name.target(), since)) {
            if (row.column() < ForecastScore.COLUMNS) {
                score.restore(row.column(), row.attempts(), row.brier(), row.logLoss());
            }
        }
        find(name).ifPresent(recorder -> score.addAll(recorder.unwritten().score()));
        return score;
    }
}
