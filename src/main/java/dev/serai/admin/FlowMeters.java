package dev.serai.admin;

import dev.serai.ledger.FlowStatus;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.cluster.UnreadShards;
import dev.serai.ledger.delivery.CircuitState;
import dev.serai.ledger.delivery.TargetState;
import dev.serai.ledger.delivery.TargetStatus;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.Store.Space;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetName;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The meters of flows and targets.
 *
 * <p>The ledger's counts are read at most once a second, in one read for all meters. While they cannot be read, the meters
 * keep the last figures, and health gives the reason. While some shards cannot be read, gauges are of the others and counters keep
 * their last figures, since a smaller count would look like a restart.
 *
 * <p>Threads: safe. Keep a reference to it while its registry is used.
 */
public final class FlowMeters {
    private static final Duration SAMPLE_AGE_MAX = Duration.ofSeconds(1);
    private static final Duration[] DELIVERY_BUCKETS = {
        Duration.ofMillis(10),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(30),
        Duration.ofMinutes(5),
        Duration.ofHours(1),
        Duration.ofHours(24)
    };

    private final MeterRegistry registry;
    private final Ledger ledger;
    private final Clock clock;
    private final Map<OutcomeOf, Counter> outcomes = new ConcurrentHashMap<>();
    private final Map<TargetName, Timer> timers = new ConcurrentHashMap<>();
    private final Map<String, List<Meter>> flowMeters = new HashMap<>();
    private final Map<TargetName, List<Meter>> targetMeters = new HashMap<>();
    private Sample sample = new Sample(Instant.MIN, Figures.NONE, Figures.NONE);

    private record OutcomeOf(TargetName target, DeliveryState outcome) {}

    private record Figures(Map<String, FlowStatus> flows, Map<TargetName, TargetStatus> targets) {
        static final Figures NONE = new Figures(Map.of(), Map.of());
    }

    /** @param whole the last in which no shard was missing */
    private record Sample(Instant takenAt, Figures figures, Figures whole) {}

    public FlowMeters(MeterRegistry registry, Ledger ledger, Clock clock) {
        this.registry = registry;
        this.ledger = ledger;
        this.clock = clock;
        FunctionCounter.builder("serai.ledger.refused.writes", ledger, Ledger::refusedWrites)
                .description("Writes that failed with an exception and were left out; the log has the reasons")
                .register(registry);
        FunctionCounter.builder("serai.clock.steps", ledger, l -> l.clockWatch().steps())
                .description("How often the wall clock was set while the node ran")
                .register(registry);
        Gauge.builder("serai.clock.step.seconds", ledger, FlowMeters::stepSeconds)
                .description("How far the wall clock was set within the last hour, negative for back; 0 if it was not")
                .register(registry);
        Gauge.builder("serai.ledger.bytes", ledger, l -> space(l, Space::bytes))
                .description("What the ledger takes on disk; NaN if that cannot be read")
                .register(registry);
        Gauge.builder(
                        "serai.ledger.free.bytes",
                        ledger,
                        l -> space(l, free -> free.freeBytes() < 0 ? Double.NaN : free.freeBytes()))
                .description("What its disk has free; NaN if that cannot be read")
                .register(registry);
        Gauge.builder("serai.ledger.unread.shards", ledger, l -> l.unread().stream()
                        .mapToInt(UnreadShards::count)
                        .sum())
                .description("Shards whose database cannot be read: gauges are without them, counters stand still")
                .register(registry);
        FunctionCounter.builder("serai.ledger.damage", ledger, l -> l.damage().count())
                .description("Damaged changes and other damage found in the ledger; the log has the reasons")
                .register(registry);
    }

    private static double space(Ledger ledger, ToDoubleFunction<Space> read) {
        return ledger.space().map(read::applyAsDouble).orElse(Double.NaN);
    }

    private static double stepSeconds(Ledger ledger) {
        return ledger.clockWatch()
                .recentStep()
                .map(step -> step.by().toMillis() / 1000.0)
                .orElse(0.0);
    }

    /**
     * Counts the outcome of an attempt; takes no lock and does not block.
     *
     * @param outcome {@code DELIVERED} also times it
     * @param sinceAccepted from the moment the change was accepted until now
     */
    public void delivered(TargetName target, DeliveryState outcome, Duration sinceAccepted) {
        outcomes.computeIfAbsent(new OutcomeOf(target, outcome), this::counter).increment();
        if (outcome == DeliveryState.DELIVERED) {
            timers.computeIfAbsent(target, this::timer).record(sinceAccepted);
        }
    }

    /** Adds meters of new flows and targets and removes those of removed ones; call it before the registry is read. May block. */
    public synchronized void refresh() {
        Sample now = sample();
        Figures figures = now.figures();
        removeOthers(flowMeters, figures.flows().keySet());
        removeOthers(targetMeters, figures.targets().keySet());
        figures.flows().keySet().forEach(flow -> flowMeters.computeIfAbsent(flow, this::metersOf));
        figures.targets().keySet().forEach(target -> targetMeters.computeIfAbsent(target, this::metersOf));
    }

    private <K> void removeOthers(Map<K, List<Meter>> meters, Set<K> kept) {
        meters.entrySet().removeIf(entry -> {
            boolean gone = !kept.contains(entry.getKey());
            if (gone) {
                entry.getValue().forEach(registry::remove);
            }
            return gone;
        });
    }

    private List<Meter> metersOf(String flow) {
        Tags tags = Tags.of("flow", flow);
        return List.of(
                FunctionCounter.builder("serai.accepted", this, m -> m.ofFlow(flow, FlowStatus::accepted))
                        .description("Changes accepted, duplicates not counted")
                        .tags(tags)
                        .register(registry),
                FunctionCounter.builder("serai.duplicates", this, m -> m.ofFlow(flow, FlowStatus::duplicates))
                        .description("Changes recognised as sent before")
                        .tags(tags)
                        .register(registry));
    }

    private List<Meter> metersOf(TargetName target) {
        List<Meter> meters = new ArrayList<>(figuresOf(target));
        for (TargetState state : TargetState.values()) {
            meters.add(Gauge.builder(
                            "serai.target.state",
                            () -> ofTarget(target, status -> status.state(clock.instant()) == state ? 1 : 0))
                    .description("1 for the state that the target is in")
                    .tags(tags(target).and("state", state.word()))
                    .register(registry));
        }
        return meters;
    }

    private List<Meter> figuresOf(TargetName target) {
        return List.of(
                gauge(target, "serai.pending", "Changes not tried yet", TargetStatus::pending),
                gauge(target, "serai.delivering", "Changes being delivered", TargetStatus::delivering),
                gauge(target, "serai.retrying", "Changes that failed and are due again", TargetStatus::waiting),
                gauge(target, "serai.waiting", "Older name of serai_retrying", TargetStatus::waiting),
                gauge(target, "serai.blocked", "Changes behind an earlier one of their key", TargetStatus::parked),
                gauge(target, "serai.parked", "Older name of serai_blocked", TargetStatus::parked),
                gauge(target, "serai.dead", "Dead letters", TargetStatus::dead),
                gauge(
                        target,
                        "serai.oldest.seconds",
                        "Age of the oldest change that the target does not have yet",
                        status -> ApiJson.ageSeconds(status.oldest(), clock.instant())),
                FunctionCounter.builder("serai.delivery.timeouts", ledger, l -> l.search()
                                .ownTimeouts(target))
                        .description("Deliveries of this node without an outcome within deliveryTimeout")
                        .tags(tags(target))
                        .register(registry),
                Gauge.builder("serai.forecast.drift", () -> ledger.history()
                                .chains()
                                .drift(target)
                                .map(drift -> 1.0)
                                .orElse(0.0))
                        .description("1 while the failures of the last minutes do not fit those of the last day")
                        .tags(tags(target))
                        .register(registry),
                gauge(
                        target,
                        "serai.circuit.open",
                        "1 while the target counts as down",
                        status -> status.circuit() == CircuitState.CLOSED ? 0 : 1));
    }

    private Gauge gauge(TargetName target, String name, String description, ToDoubleFunction<TargetStatus> read) {
        return Gauge.builder(name, () -> ofTarget(target, read))
                .description(description)
                .tags(tags(target))
                .register(registry);
    }

    private double ofFlow(String flow, ToDoubleFunction<FlowStatus> read) {
        return figure(sample().whole().flows().get(flow), read);
    }

    private double ofTarget(TargetName target, ToDoubleFunction<TargetStatus> read) {
        return figure(sample().figures().targets().get(target), read);
    }

    private static <T> double figure(@Nullable T status, ToDoubleFunction<T> read) {
        return status == null ? Double.NaN : read.applyAsDouble(status);
    }

    private Counter counter(OutcomeOf of) {
        return Counter.builder("serai.deliveries")
                .description("Attempts of this node to deliver, by outcome")
                .tags(tags(of.target()).and("outcome", StateWord.of(of.outcome())))
                .register(registry);
    }

    private Timer timer(TargetName target) {
        return Timer.builder("serai.delivery")
                .description("From accepted to delivered, of what this node delivered")
                .tags(tags(target))
                .serviceLevelObjectives(DELIVERY_BUCKETS)
                .register(registry);
    }

    private static Tags tags(TargetName target) {
        return Tags.of("flow", target.flow(), "target", target.target());
    }

    private synchronized Sample sample() {
        Sample last = sample;
        Instant now = clock.instant();
        if (last.takenAt().isAfter(now.minus(SAMPLE_AGE_MAX)) && !last.takenAt().isAfter(now)) {
            return last;
        }
        try {
            sample = take(now, last.whole());
        } catch (StoreException | LedgerException e) {
            sample = new Sample(now, last.figures(), last.whole());
        }
        return sample;
    }

    private Sample take(Instant now, Figures whole) {
        long mark = ledger.mark();
        Map<String, FlowStatus> flows = new HashMap<>();
        Map<TargetName, TargetStatus> targets = new HashMap<>();
        for (FlowStatus flow : ledger.flows()) {
            flows.put(flow.flow(), flow);
            for (TargetStatus target : flow.targets()) {
                targets.put(new TargetName(flow.flow(), target.target()), target);
            }
        }
        Figures figures = new Figures(flows, targets);
        return new Sample(now, figures, ledger.leftOutSince(mark).isEmpty() ? figures : whole);
    }
}
