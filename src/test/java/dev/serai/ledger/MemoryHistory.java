package dev.serai.ledger;

import dev.serai.ledger.MemoryState.HistoryPart;
import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.history.ChainRows;
import dev.serai.ledger.history.ChainRows.PeriodRow;
import dev.serai.ledger.history.ChainRows.ScoreRow;
import dev.serai.ledger.history.ChainWindow;
import dev.serai.ledger.history.HistoryCounts;
import dev.serai.ledger.history.HistoryPoint;
import dev.serai.ledger.history.HistoryQuery;
import dev.serai.ledger.history.HistoryReads;
import dev.serai.ledger.history.HistoryRow;
import dev.serai.ledger.history.HistoryStep;
import dev.serai.ledger.history.HistoryWrites;
import dev.serai.ledger.history.StateChange;
import dev.serai.ledger.model.TargetName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/** The history of a store in plain maps. */
final class MemoryHistory implements HistoryReads, HistoryWrites {
    private final MemoryState state;

    MemoryHistory(MemoryState state) {
        this.state = state;
    }

    private NavigableMap<Instant, Map<HistoryPart, HistoryCounts>> of(HistoryStep step) {
        return Objects.requireNonNull(state.history.get(step));
    }

    @Override
    public List<HistoryPoint> points(HistoryQuery query) {
        List<HistoryPoint> points = new ArrayList<>();
        if (query.until().isBefore(query.since())) {
            return points;
        }
        of(query.step())
                .subMap(query.step().floor(query.since()), query.until())
                .forEach((at, parts) -> parts.entrySet().stream()
                        .filter(part -> isOf(query, part.getKey()))
                        .map(Map.Entry::getValue)
                        .reduce(HistoryCounts::plus)
                        .ifPresent(counts -> points.add(new HistoryPoint(at, counts))));
        return points;
    }

    private static boolean isOf(HistoryQuery query, HistoryPart part) {
        return Objects.equals(query.flow(), part.flow())
                && (query.target() == null
                        || part.target() == null
                        || query.target().equals(part.target()));
    }

    @Override
    public Optional<Instant> oldest(HistoryStep step) {
        return of(step).isEmpty() ? Optional.empty() : Optional.of(of(step).firstKey());
    }

    @Override
    public List<StateChange> stateChanges(
            @Nullable String flow, @Nullable String target, Instant since, Instant until, int limit) {
        List<StateChange> found = new ArrayList<>();
        for (int i = state.stateChanges.size() - 1; i >= 0; i--) {
            StateChange change = state.stateChanges.get(i);
            if ((flow == null || flow.equals(change.flow()))
                    && (target == null || target.equals(change.target()))
                    && !change.at().isBefore(since)
                    && change.at().isBefore(until)) {
                found.add(change);
            }
        }
        found.sort(Comparator.comparing(StateChange::at).reversed());
        return found.subList(0, Math.min(limit, found.size()));
    }

    @Override
    public List<StateChange> lastStates() {
        Map<TargetName, StateChange> last = new HashMap<>();
        state.stateChanges.forEach(change -> last.put(new TargetName(change.flow(), change.target()), change));
        return List.copyOf(last.values());
    }

    @Override
    public List<DeliveredCount> delivered() {
        return state.targets.keySet().stream()
                .map(name -> new DeliveredCount(
                        name.flow(), name.target(), state.counts(name).delivered()))
                .toList();
    }

    @Override
    public List<AuditEntry> audit(Instant since, Instant until, int limit) {
        return state.audit.descendingMap().values().stream()
                .filter(entry -> !entry.at().isBefore(since) && entry.at().isBefore(until))
                .sorted((one, other) -> other.at().compareTo(one.at()))
                .limit(limit)
                .toList();
    }

    @Override
    public void add(Instant minute, List<HistoryRow> rows) {
        for (HistoryRow row : rows) {
            String flow = row.flow();
            String target = row.target();
            if (flow == null || target == null || state.targets.containsKey(new TargetName(flow, target))) {
                state.historyWrites.add(() -> {
                    add(HistoryStep.MINUTE, minute, row, HistoryCounts::then);
                    add(HistoryStep.HOUR, HistoryStep.HOUR.floor(minute), row, HistoryCounts::with);
                });
            }
        }
    }

    private void add(HistoryStep step, Instant at, HistoryRow row, BinaryOperator<HistoryCounts> sum) {
        NavigableMap<Instant, Map<HistoryPart, HistoryCounts>> all = of(step);
        Map<HistoryPart, HistoryCounts> parts = new HashMap<>(all.getOrDefault(at, Map.of()));
        parts.merge(new HistoryPart(row.flow(), row.target()), row.counts(), sum);
        all.put(at, parts);
    }

    @Override
    public void stateChanges(List<StateChange> changes, Instant keptSince, int changesMax) {
        for (StateChange change : changes) {
            if (state.targets.containsKey(new TargetName(change.flow(), change.target()))) {
                state.stateChanges.add(change);
            }
        }
        state.stateChanges.removeIf(change -> change.at().isBefore(keptSince));
        int surplus = state.stateChanges.size() - changesMax;
        state.stateChanges.subList(0, Math.max(0, surplus)).clear();
    }

    @Override
    public void trim(HistoryStep step, Instant before) {
        state.historyWrites.add(() -> of(step).headMap(before, false).clear());
    }

    // ---- Counted attempts

    private NavigableMap<Instant, Map<TargetName, Map<Integer, Long>>> of(ChainWindow window) {
        return Objects.requireNonNull(state.transitions.get(window));
    }

    @Override
    public Map<Integer, Long> transitions(
            ChainWindow window, String flow, String target, Instant since, Instant until) {
        Map<Integer, Long> sums = new HashMap<>();
        Instant from = window.floor(since);
        if (from.isBefore(until)) {
            of(window).subMap(from, until).values().forEach(targets -> targets.getOrDefault(
                            new TargetName(flow, target), Map.of())
                    .forEach((cell, number) -> sums.merge(cell, number, Long::sum)));
        }
        return sums;
    }

    @Override
    public Optional<Instant> oldestTransition(ChainWindow window) {
        return of(window).isEmpty() ? Optional.empty() : Optional.of(of(window).firstKey());
    }

    @Override
    public List<PeriodRow> regimes(String flow, String target, int limit) {
        NavigableMap<Instant, PeriodRow> periods = state.regimes.get(new TargetName(flow, target));
        return periods == null
                ? List.of()
                : periods.descendingMap().values().stream().limit(limit).toList();
    }

    @Override
    public List<ScoreRow> scores(String flow, String target, Instant since) {
        Map<Integer, ScoreRow> sums = new HashMap<>();
        state.scores.tailMap(ChainWindow.DAY.floor(since), true).values().forEach(targets -> targets.getOrDefault(
                        new TargetName(flow, target), List.of())
                .forEach(score -> sums.merge(score.column(), score, MemoryHistory::sum)));
        return List.copyOf(sums.values());
    }

    private static ScoreRow sum(ScoreRow a, ScoreRow b) {
        return new ScoreRow(a.column(), a.attempts() + b.attempts(), a.brier() + b.brier(), a.logLoss() + b.logLoss());
    }

    @Override
    public void addChains(Instant at, List<ChainRows> rows) {
        for (ChainRows row : rows) {
            TargetName name = new TargetName(row.flow(), row.target());
            if (state.targets.containsKey(name)) {
                state.historyWrites.add(() -> add(at, name, row));
            }
        }
    }

    private void add(Instant at, TargetName name, ChainRows row) {
        for (ChainWindow window : ChainWindow.values()) {
            Map<Integer, Long> cells = of(window)
                    .computeIfAbsent(window.floor(at), none -> new HashMap<>())
                    .computeIfAbsent(name, none -> new HashMap<>());
            row.counts().forEach((cell, number) -> cells.merge(cell, number, Long::sum));
        }
        NavigableMap<Instant, PeriodRow> periods = state.regimes.computeIfAbsent(name, none -> new TreeMap<>());
        row.periods().forEach(period -> periods.put(period.start(), period));
        while (periods.size() > PERIODS_MAX) {
            periods.pollFirstEntry();
        }
        state.scores
                .computeIfAbsent(ChainWindow.DAY.floor(at), none -> new HashMap<>())
                .computeIfAbsent(name, none -> new ArrayList<>())
                .addAll(row.scores());
    }

    @Override
    public void trimTransitions(ChainWindow window, Instant before) {
        state.historyWrites.add(() -> {
            of(window).headMap(before, false).clear();
            if (window == ChainWindow.DAY) {
                state.scores.headMap(before, false).clear();
            }
        });
    }
}
