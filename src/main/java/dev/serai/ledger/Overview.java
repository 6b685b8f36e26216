package dev.serai.ledger;

import dev.serai.ledger.delivery.CircuitState;
import dev.serai.ledger.delivery.TargetStatus;
import dev.serai.ledger.dispatch.Dispatcher;
import dev.serai.ledger.dispatch.DispatcherRegistry;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.FlowCounts;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.TargetCounts;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.time.LedgerClock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reports the progress of the targets, from the store and from the dispatchers' deliveries in flight.
 *
 * <p>Threads: safe.
 */
final class Overview {
    private final Store store;
    private final DispatcherRegistry dispatchers;
    private final LedgerClock clock;

    Overview(Store store, DispatcherRegistry dispatchers, LedgerClock clock) {
        this.store = store;
        this.dispatchers = dispatchers;
        this.clock = clock;
    }

    /** The target of the flow with this name, or all targets of the flow if it is null. */
    Set<TargetName> targets(String flow, @Nullable String target) {
        return store.targets().stream()
                .filter(name -> name.flow().equals(flow))
                .filter(name -> target == null || name.target().equals(target))
                .collect(Collectors.toSet());
    }

    /** All flows and their targets, ordered by name. */
    List<FlowStatus> flows() {
        List<TargetName> names = store.targets();
        List<FlowStatus> flows = new ArrayList<>();
        for (FlowCounts flow : store.flows()) {
            List<TargetStatus> targets = new ArrayList<>();
            for (TargetName name : names) {
                if (name.flow().equals(flow.flow())) {
                    targets.add(status(name));
                }
            }
            flows.add(new FlowStatus(flow.flow(), flow.accepted(), flow.duplicates(), targets));
        }
        return flows;
    }

    private TargetStatus status(TargetName name) {
        TargetCounts counts = store.counts(name);
        Dispatcher dispatcher = dispatchers.find(name);
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
                counts.paused(),
                dispatcher == null ? null : dispatcher.circuit().trouble(),
                dispatcher == null ? 0 : dispatcher.timedOut());
    }

    /** The deliveries of a change, one for each target that gets it, ordered by target name. */
    List<Delivery> deliveries(Entry entry) {
        List<Delivery> deliveries = new ArrayList<>(store.deliveries(entry.sequence()));
        for (TargetName name : store.targets()) {
            boolean stored =
                    deliveries.stream().anyMatch(delivery -> delivery.target().equals(name));
            if (!stored
                    && name.flow().equals(entry.change().flow())
                    && store.counts(name).position() < entry.sequence()) {
                deliveries.add(new Delivery(name, DeliveryState.PENDING, 0, null, null, null, null));
            }
        }
        deliveries.replaceAll(delivery -> asOfNow(entry, delivery));
        deliveries.sort(Comparator.comparing(delivery -> delivery.target().target()));
        return deliveries;
    }

    private static Delivery with(Delivery stored, DeliveryState state, @Nullable Instant dueAt) {
        @Nullable Instant finishedAt = state == DeliveryState.DELIVERING ? null : stored.finishedAt();
        return new Delivery(
                stored.target(), state, stored.attempts(), dueAt, finishedAt, stored.status(), stored.error());
    }

    private Delivery asOfNow(Entry entry, Delivery stored) {
        Dispatcher dispatcher = dispatchers.find(stored.target());
        if (dispatcher == null || !dispatcher.isDelivering(entry.sequence())) {
            return stored.dueAt() == null ? stored : with(stored, stored.state(), clock.toWall(stored.dueAt()));
        }
        return with(stored, DeliveryState.DELIVERING, null);
    }
}
