package dev.serai.ledger;

import dev.serai.ledger.cluster.ShardOwners;
import dev.serai.ledger.cluster.TargetPart;
import dev.serai.ledger.delivery.CircuitState;
import dev.serai.ledger.delivery.FailureCounts;
import dev.serai.ledger.delivery.NodePhase;
import dev.serai.ledger.delivery.RecentOutcomes;
import dev.serai.ledger.delivery.TargetStatus;
import dev.serai.ledger.dispatch.Dispatcher;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.FlowCounts;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetCounts;
import dev.serai.ledger.model.TargetName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reports the progress of the targets, from the stores and from the dispatchers' deliveries in flight.
 *
 * <p>Threads: safe.
 */
final class Overview {
    private final ShardMap shards;
    private final ShardOwners owners;
    private final FailureCounts failures;
    private final Supplier<NodePhase> phase;

    Overview(ShardMap shards, ShardOwners owners, FailureCounts failures, Supplier<NodePhase> phase) {
        this.shards = shards;
        this.owners = owners;
        this.failures = failures;
        this.phase = phase;
    }

    /**
     * The target of the flow with this name, or all targets of the flow if it is null, for a change that is to wait for them.
     * Throws {@link IllegalArgumentException} if there is none.
     */
    Set<TargetName> awaited(String flow, @Nullable String target) {
        Set<TargetName> awaited;
        try {
            awaited = shards.targets().stream()
                    .filter(name -> name.flow().equals(flow))
                    .filter(name -> target == null || name.target().equals(target))
                    .collect(Collectors.toSet());
        } catch (StoreException e) {
            throw new LedgerException.Unavailable(
                    "the ledger could not be read; nothing was accepted, send it again later", e);
        }
        if (awaited.isEmpty()) {
            throw new IllegalArgumentException("flow " + flow + " has no target" + (target == null ? "" : " " + target)
                    + " to wait for: add its route, or use mode=async");
        }
        return awaited;
    }

    /** All flows and their targets, ordered by name. */
    List<FlowStatus> flows() {
        Map<TargetName, List<Shard>> targets = shards.byTarget();
        return counts().stream().map(flow -> status(flow, targets)).toList();
    }

    /** All targets of these flows, in their order. */
    static Map<TargetName, TargetStatus> targets(Collection<FlowStatus> flows) {
        Map<TargetName, TargetStatus> targets = new LinkedHashMap<>();
        for (FlowStatus flow : flows) {
            for (TargetStatus target : flow.targets()) {
                targets.put(new TargetName(flow.flow(), target.target()), target);
            }
        }
        return targets;
    }

    /** A flow with its targets. */
    Optional<FlowStatus> flow(String name) {
        return counts().stream()
                .filter(flow -> flow.flow().equals(name))
                .findFirst()
                .map(flow -> status(flow, shards.byTarget()));
    }

    /** The names of the targets of each flow, ordered. */
    Map<String, List<String>> names() {
        Map<String, List<String>> names = new TreeMap<>();
        counts().forEach(flow -> names.put(flow.flow(), new ArrayList<>()));
        shards.targets().forEach(name -> names.computeIfAbsent(name.flow(), none -> new ArrayList<>())
                .add(name.target()));
        return names;
    }

    private FlowStatus status(FlowCounts flow, Map<TargetName, List<Shard>> targets) {
        return new FlowStatus(
                flow.flow(),
                flow.accepted(),
                flow.duplicates(),
                targets.entrySet().stream()
                        .filter(target -> target.getKey().flow().equals(flow.flow()))
                        .map(target -> status(target.getKey(), target.getValue()))
                        .toList());
    }

    private Collection<FlowCounts> counts() {
        Map<String, FlowCounts> sums = new TreeMap<>();
        for (Shard shard : shards.all()) {
            shard.store().flows().forEach(flow -> sums.merge(flow.flow(), flow, FlowCounts::plus));
        }
        return sums.values();
    }

    /** @param in the shards that the target is in, at least one */
    private TargetStatus status(TargetName name, List<Shard> in) {
        TargetStatus own = null; // which alone knows about circuit and outcomes
        TargetStatus others = null;
        for (Shard shard : in) {
            TargetStatus status = status(shard, name);
            if (shard.isOwn()) {
                own = own == null ? status : own.plus(status);
            } else {
                others = others == null ? status : others.plus(status);
            }
        }
        TargetStatus sum = own == null ? Objects.requireNonNull(others) : others == null ? own : own.plus(others);
        return owners.withOthers(name.flow(), sum);
    }

    /** What this node knows about the targets of its shards beyond what is stored. All shards have the same, but for a moment. */
    List<TargetPart> ownParts() {
        List<Shard> own = shards.own();
        return own.isEmpty()
                ? List.of()
                : own.get(0).store().targets().stream()
                        .map(name -> ownPart(own, name))
                        .toList();
    }

    private TargetPart ownPart(List<Shard> own, TargetName name) {
        int[] inFlight = new int[3];
        long timedOut = 0;
        List<Long> underWay = new ArrayList<>();
        Dispatcher any = null;
        for (Shard shard : own) {
            Dispatcher dispatcher = shard.dispatchers().find(name);
            if (dispatcher != null) {
                any = dispatcher;
                timedOut += dispatcher.timedOut();
                underWay.addAll(dispatcher.delivering());
                int[] counts = dispatcher.inFlightCounts();
                for (int i = 0; i < counts.length; i++) {
                    inFlight[i] += counts[i];
                }
            }
        }
        return TargetPart.of(
                name.flow(),
                name.target(),
                inFlight,
                any == null ? CircuitState.CLOSED : any.circuit().state(),
                any == null ? null : any.circuit().trouble(),
                timedOut,
                any == null ? RecentOutcomes.Summary.NONE : any.recent(),
                failures.ownAttempts(name),
                failures.ownLetters(name),
                any != null || phase.get() != NodePhase.RUNNING,
                underWay);
    }

    private TargetStatus status(Shard shard, TargetName name) {
        TargetCounts counts = shard.store().counts(name);
        Dispatcher dispatcher = shard.dispatchers().find(name);
        int[] inFlight = dispatcher == null ? new int[3] : dispatcher.inFlightCounts();
        return new TargetStatus(
                name.target(),
                counts.position(),
                Math.max(0, counts.pending() - inFlight[0]),
                inFlight[0] + inFlight[1] + inFlight[2],
                Math.max(0, counts.waiting() - inFlight[1]),
                Math.max(0, counts.parked() - inFlight[2]),
                counts.dead(),
                counts.delivered(),
                counts.oldest(),
                dispatcher == null ? CircuitState.CLOSED : dispatcher.circuit().state(),
                counts.pause(),
                dispatcher == null ? null : dispatcher.circuit().trouble(),
                dispatcher == null ? 0 : dispatcher.timedOut(),
                dispatcher == null ? RecentOutcomes.Summary.NONE : dispatcher.recent(),
                dispatcher != null || shards.own().isEmpty(),
                phase.get());
    }

    /** The deliveries of a change, one for each target that gets it, ordered by target name. */
    List<Delivery> deliveries(Entry entry) {
        Shard shard = shards.of(entry.sequence());
        Store store = shard.store();
        List<Delivery> deliveries = new ArrayList<>(store.deliveries(entry.sequence()));
        for (TargetName name : store.targets()) {
            if (name.flow().equals(entry.change().flow())
                    && deliveries.stream()
                            .noneMatch(delivery -> delivery.target().equals(name))
                    && store.counts(name).position() < entry.sequence()) {
                deliveries.add(new Delivery(name, DeliveryState.PENDING, 0, null, null, null, null));
            }
        }
        deliveries.replaceAll(delivery -> asOfNow(shard, entry, delivery));
        deliveries.sort(Comparator.comparing(delivery -> delivery.target().target()));
        return deliveries;
    }

    static Delivery with(Delivery stored, DeliveryState state, @Nullable Instant dueAt) {
        @Nullable Instant finishedAt = state.isSettled() ? stored.finishedAt() : null;
        return new Delivery(
                stored.target(), state, stored.attempts(), dueAt, finishedAt, stored.status(), stored.error());
    }

    /** What another node said half a second ago may be over. */
    private static Delivery asOfNow(Shard shard, Entry entry, Delivery stored) {
        boolean mayBe = shard.isOwn() || !stored.state().isSettled();
        return mayBe && shard.delivering(stored.target()).contains(entry.sequence())
                ? with(stored, DeliveryState.DELIVERING, null)
                : onWallClock(shard, stored);
    }

    /** As it is stored, but due by the wall clock. */
    static Delivery onWallClock(Shard shard, Delivery stored) {
        return stored.dueAt() == null
                ? stored
                : with(stored, stored.state(), shard.clock().toWall(stored.dueAt()));
    }
}
