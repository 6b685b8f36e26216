package dev.serai.ledger;

import dev.serai.ledger.cluster.ShardOwners;
import dev.serai.ledger.cluster.ShardReads;
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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
        return read(flow -> true);
    }

    /** As {@link #flows}, if nothing is left out, see {@link ShardReads#whole}. */
    List<FlowStatus> whole() {
        return shards.reads().whole(this::flows);
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
        return read(name::equals).stream().findFirst();
    }

    /** The names of the targets of each flow, ordered. */
    Map<String, List<String>> names() {
        Map<String, List<String>> names = new TreeMap<>();
        shards.read(shard -> shard.store().flows()).stream()
                .flatMap(List::stream)
                .forEach(flow -> names.put(flow.flow(), new ArrayList<>()));
        shards.targets().forEach(name -> names.computeIfAbsent(name.flow(), none -> new ArrayList<>())
                .add(name.target()));
        return names;
    }

    /** What one shard has of some flows. */
    private record ShardFlows(boolean isOwn, List<FlowCounts> counts, Map<TargetName, TargetStatus> targets) {}

    private List<FlowStatus> read(Predicate<String> wanted) {
        List<ShardFlows> parts = shards.read(shard -> read(shard, wanted));
        Map<String, FlowCounts> sums = new TreeMap<>();
        Map<TargetName, List<ShardFlows>> targets = new TreeMap<>(ShardMap.BY_NAME);
        for (ShardFlows part : parts) {
            part.counts().forEach(flow -> sums.merge(flow.flow(), flow, FlowCounts::plus));
            part.targets().keySet().forEach(name -> targets.computeIfAbsent(name, none -> new ArrayList<>())
                    .add(part));
        }
        return sums.values().stream().map(flow -> status(flow, targets)).toList();
    }

    private ShardFlows read(Shard shard, Predicate<String> wanted) {
        List<TargetName> names =
                shard.store().targets(); // before the flows, so that none is of a flow that is not there
        List<FlowCounts> counts = shard.store().flows().stream()
                .filter(flow -> wanted.test(flow.flow()))
                .toList();
        Map<TargetName, TargetStatus> targets = new HashMap<>();
        for (TargetName name : names) {
            if (wanted.test(name.flow())) {
                targets.put(name, status(shard, name));
            }
        }
        return new ShardFlows(shard.isOwn(), counts, targets);
    }

    private FlowStatus status(FlowCounts flow, Map<TargetName, List<ShardFlows>> targets) {
        return new FlowStatus(
                flow.flow(),
                flow.accepted(),
                flow.duplicates(),
                targets.entrySet().stream()
                        .filter(target -> target.getKey().flow().equals(flow.flow()))
                        .map(target -> status(target.getKey(), target.getValue()))
                        .toList());
    }

    /** @param in the shards that the target is in, at least one */
    private TargetStatus status(TargetName name, List<ShardFlows> in) {
        TargetStatus own = null; // which alone knows about circuit and outcomes
        TargetStatus others = null;
        for (ShardFlows part : in) {
            TargetStatus status = Objects.requireNonNull(part.targets().get(name));
            if (part.isOwn()) {
                own = own == null ? status : own.plus(status);
            } else {
                others = others == null ? status : others.plus(status);
            }
        }
        TargetStatus sum = own == null ? Objects.requireNonNull(others) : others == null ? own : own.plus(others);
        return owners.withOthers(name.flow(), sum.withTimeouts(failures.ownTimeouts(name)));
    }

    /** What this node knows about the targets of its shards beyond what is stored. All shards have the same, but for a moment. */
    List<TargetPart> ownParts() {
        List<Shard> own = shards.own();
        return shards.readAny(own, shard -> shard.store().targets()).orElse(List.of()).stream()
                .map(name -> ownPart(own, name))
                .toList();
    }

    private TargetPart ownPart(List<Shard> own, TargetName name) {
        int[] inFlight = new int[3];
        List<Long> underWay = new ArrayList<>();
        Dispatcher any = null;
        for (Shard shard : own) {
            Dispatcher dispatcher = shard.dispatchers().find(name);
            if (dispatcher != null) {
                any = dispatcher;
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
                failures.ownTimeouts(name),
                any == null ? RecentOutcomes.Summary.NONE : any.recent(),
                failures.ownAttempts(name),
                failures.ownLetters(name),
                any != null || phase.get() != NodePhase.RUNNING,
                underWay);
    }

    private TargetStatus status(Shard shard, TargetName name) {
        TargetCounts counts = shard.store().counts(name);
        Dispatcher dispatcher = shard.dispatchers().find(name);
        Dispatcher any = dispatcher == null ? anyOf(name) : dispatcher; // the shards of this node may be away
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
                any == null ? CircuitState.CLOSED : any.circuit().state(),
                counts.pause(),
                any == null ? null : any.circuit().trouble(),
                0,
                any == null ? RecentOutcomes.Summary.NONE : any.recent(),
                any != null || shards.own().isEmpty(),
                phase.get());
    }

    private @Nullable Dispatcher anyOf(TargetName name) {
        return shards.own().stream()
                .<Dispatcher>flatMap(
                        shard -> Stream.ofNullable(shard.dispatchers().find(name)))
                .findFirst()
                .orElse(null);
    }

    /** How many deliveries of this node had no outcome in time, since it started. */
    long ownTimeouts(TargetName name) {
        return failures.ownTimeouts(name);
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
        deliveries.replaceAll(delivery -> asOfNow(shard, entry.sequence(), delivery));
        deliveries.sort(Comparator.comparing(delivery -> delivery.target().target()));
        return deliveries;
    }

    /** The delivery of a change to one target; empty if the target does not get it, or it is no longer known. */
    Optional<Delivery> delivery(TargetName target, long sequence) {
        Shard shard = shards.of(sequence);
        Store store = shard.store();
        for (Delivery stored : store.deliveries(sequence)) {
            if (stored.target().equals(target)) {
                return Optional.of(asOfNow(shard, sequence, stored));
            }
        }
        return store.targets().contains(target) && store.counts(target).position() < sequence
                ? Optional.of(asOfNow(
                        shard, sequence, new Delivery(target, DeliveryState.PENDING, 0, null, null, null, null)))
                : Optional.empty();
    }

    static Delivery with(Delivery stored, DeliveryState state, @Nullable Instant dueAt) {
        @Nullable Instant finishedAt = state.isSettled() ? stored.finishedAt() : null;
        return new Delivery(
                stored.target(), state, stored.attempts(), dueAt, finishedAt, stored.status(), stored.error());
    }

    /** What another node said half a second ago may be over. */
    private static Delivery asOfNow(Shard shard, long sequence, Delivery stored) {
        boolean mayBe = shard.isOwn() || !stored.state().isSettled();
        return mayBe && shard.delivering(stored.target()).contains(sequence)
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
