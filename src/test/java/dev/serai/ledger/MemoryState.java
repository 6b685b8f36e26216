package dev.serai.ledger;

import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.history.ChainRows.PeriodRow;
import dev.serai.ledger.history.ChainRows.ScoreRow;
import dev.serai.ledger.history.ChainWindow;
import dev.serai.ledger.history.HistoryCounts;
import dev.serai.ledger.history.HistoryStep;
import dev.serai.ledger.history.StateChange;
import dev.serai.ledger.model.Attempt;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.DeadLetter;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.FlowCounts;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetCounts;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.time.SavedClock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/** The state of a memory store. Counts are computed from it, except those of deleted changes. */
final class MemoryState {

    /**
     * @param from the position it was added with; earlier changes do not belong to it
     * @param deliveredAndGone delivered changes that were deleted since
     */
    record Target(long from, long position, TargetCounts.@Nullable Pause pause, long deliveredAndGone) {}

    public record Row(long keyHash, Delivery delivery) {
        boolean is(DeliveryState state) {
            return delivery.state() == state;
        }

        boolean isHeld() {
            return is(DeliveryState.WAITING) || is(DeliveryState.PARKED);
        }

        boolean isUnordered(long sequence) {
            return is(DeliveryState.WAITING) && keyHash == sequence;
        }

        /** Whether its change may be deleted. */
        boolean isOver() {
            return !isHeld() && !is(DeliveryState.DEAD);
        }
    }

    final NavigableMap<Long, Entry> changes;
    final Map<String, FlowCounts> flows;
    final Map<TargetName, Target> targets;
    final Map<TargetName, NavigableMap<Long, Row>> rows = new HashMap<>();
    final Map<Long, List<Attempt>> attempts = new HashMap<>();
    final Map<String, Cursor> cursors;
    final NavigableMap<Long, Store.Replay> replays = new TreeMap<>();
    final NavigableMap<Long, AuditEntry> audit = new TreeMap<>();
    /** Shared by all states: with a minute in it for each of months, a copy would take most of the time of some tests. */
    final Map<HistoryStep, NavigableMap<Instant, Map<HistoryPart, HistoryCounts>>> history;
    /** Are made when the transaction is committed. */
    final List<Runnable> historyWrites = new ArrayList<>();

    /** Shared, as the history. */
    final Map<ChainWindow, NavigableMap<Instant, Map<TargetName, Map<Integer, Long>>>> transitions;

    final Map<TargetName, NavigableMap<Instant, PeriodRow>> regimes;
    final NavigableMap<Instant, Map<TargetName, List<ScoreRow>>> scores;

    final List<StateChange> stateChanges = new ArrayList<>();
    final Map<TargetName, Map<String, SavedVersion>> deliveredVersions = new HashMap<>();
    final NavigableMap<Long, Long> marks = new TreeMap<>();
    final Map<DeadKey, Long> deadSince = new HashMap<>();

    @Nullable SavedClock clock;
    /** By flow: the newest change that was deleted. */
    final Map<String, Long> purged = new HashMap<>();

    long last;

    /** As a {@link dev.serai.ledger.history.HistoryRow}. */
    record HistoryPart(@Nullable String flow, @Nullable String target) {}

    /** @param last the newest sequence when it was saved */
    record SavedVersion(String version, long last) {}

    record DeadKey(TargetName target, long sequence) {}

    MemoryState() {
        history = new EnumMap<>(HistoryStep.class);
        transitions = new EnumMap<>(ChainWindow.class);
        regimes = new ConcurrentHashMap<>();
        scores = new ConcurrentSkipListMap<>();
        for (HistoryStep step : HistoryStep.values()) {
            history.put(step, new ConcurrentSkipListMap<>());
        }
        for (ChainWindow window : ChainWindow.values()) {
            transitions.put(window, new ConcurrentSkipListMap<>());
        }
        changes = new TreeMap<>();
        flows = new TreeMap<>();
        targets = targets();
        cursors = new TreeMap<>();
    }

    private static Map<TargetName, Target> targets() {
        return new TreeMap<>(Comparator.comparing(TargetName::flow).thenComparing(TargetName::target));
    }

    MemoryState(MemoryState other) {
        history = other.history;
        transitions = other.transitions;
        regimes = other.regimes;
        scores = other.scores;
        changes = new TreeMap<>(other.changes);
        flows = new TreeMap<>(other.flows);
        targets = targets();
        targets.putAll(other.targets);
        cursors = new TreeMap<>(other.cursors);
        replays.putAll(other.replays);
        audit.putAll(other.audit);
        stateChanges.addAll(other.stateChanges);
        purged.putAll(other.purged);
        other.deliveredVersions.forEach((target, all) -> deliveredVersions.put(target, new HashMap<>(all)));
        other.rows.forEach((target, all) -> rows.put(target, new TreeMap<>(all)));
        other.attempts.forEach((sequence, all) -> attempts.put(sequence, new ArrayList<>(all)));
        marks.putAll(other.marks);
        deadSince.putAll(other.deadSince);
        clock = other.clock;
        last = other.last;
    }

    NavigableMap<Long, Row> rows(TargetName target) {
        return rows.computeIfAbsent(target, none -> new TreeMap<>());
    }

    Target target(TargetName name) {
        Target target = targets.get(name);
        if (target == null) {
            throw new IllegalArgumentException("target " + name + " does not exist");
        }
        return target;
    }

    void count(String flow, long accepted, long duplicates) {
        flows.merge(
                flow,
                new FlowCounts(flow, accepted, duplicates),
                (a, b) -> new FlowCounts(flow, a.accepted() + b.accepted(), a.duplicates() + b.duplicates()));
    }

    /** Whether the change is the target's and has no row. */
    boolean lacks(TargetName target, Entry entry) {
        return entry.change().flow().equals(target.flow())
                && entry.sequence() > target(target).from()
                && !rows(target).containsKey(entry.sequence());
    }

    TargetCounts counts(TargetName name) {
        Target target = targets.get(name);
        if (target == null) {
            throw new StoreException("target " + name + " does not exist");
        }
        Instant oldest = changes.values().stream()
                .filter(entry -> lacks(name, entry) || isHeld(name, entry.sequence()))
                .map(Entry::acceptedAt)
                .findFirst()
                .orElse(null);
        return new TargetCounts(
                target.position(),
                target.pause(),
                changes.values().stream().filter(entry -> lacks(name, entry)).count(),
                count(name, DeliveryState.WAITING),
                count(name, DeliveryState.PARKED),
                count(name, DeliveryState.DEAD),
                count(name, DeliveryState.DELIVERED) + target.deliveredAndGone(),
                oldest);
    }

    List<DeadLetter> dead() {
        List<DeadLetter> letters = new ArrayList<>();
        for (TargetName target : targets.keySet()) {
            rows(target).forEach((sequence, row) -> {
                if (row.is(DeliveryState.DEAD)) {
                    letters.add(letter(target, Objects.requireNonNull(changes.get(sequence)), row.delivery()));
                }
            });
        }
        return letters;
    }

    static Entry head(Entry entry) {
        Change change = entry.change();
        return new Entry(
                entry.sequence(),
                entry.acceptedAt(),
                new Change(
                        change.flow(),
                        change.id(),
                        change.key(),
                        change.version(),
                        change.operation(),
                        null,
                        Map.of(),
                        new byte[0]));
    }

    private static DeadLetter letter(TargetName target, Entry entry, Delivery delivery) {
        Change change = entry.change();
        @Nullable String error = delivery.error();
        return new DeadLetter(
                target,
                entry.sequence(),
                change.id(),
                change.key(),
                change.version(),
                change.operation(),
                entry.acceptedAt(),
                delivery.attempts(),
                Objects.requireNonNull(delivery.finishedAt()),
                delivery.status(),
                error == null ? "" : error);
    }

    private boolean isHeld(TargetName target, long sequence) {
        Row row = rows(target).get(sequence);
        return row != null && row.isHeld();
    }

    private long count(TargetName target, DeliveryState state) {
        return rows(target).values().stream().filter(row -> row.is(state)).count();
    }
}
