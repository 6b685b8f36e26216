package dev.serai.admin.meter;

import dev.serai.camel.SourceReport;
import dev.serai.camel.SourceState;
import dev.serai.ledger.Ledger;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/**
 * The meters of sources.
 *
 * <p>Counters are of what this node did; gauges are of all nodes that share the ledger, so that a source that runs at another node does not
 * look idle.
 *
 * <p>Threads: safe. Keep a reference to it while its registry is used.
 */
public final class SourceMeters {
    private final MeterRegistry registry;
    private final AllSources sources;
    private final Clock clock;
    private final Map<String, List<Meter>> meters = new HashMap<>();
    private volatile Map<String, SourceReport> own = Map.of();
    private volatile Map<String, SourceReport> all = Map.of();

    public SourceMeters(MeterRegistry registry, CamelContext camel, Ledger ledger, Clock clock) {
        this.registry = registry;
        this.sources = new AllSources(camel, ledger);
        this.clock = clock;
    }

    /** Reads the sources' states, adds meters of new ones and removes those of removed ones; call it before the registry is read. */
    public synchronized void refresh() {
        own = byName(sources.ofNode());
        Map<String, SourceReport> now = byName(sources.reports());
        all = now;
        meters.entrySet().removeIf(entry -> {
            boolean gone = !now.containsKey(entry.getKey());
            if (gone) {
                entry.getValue().forEach(registry::remove);
            }
            return gone;
        });
        now.keySet().forEach(source -> meters.computeIfAbsent(source, this::metersOf));
        own.values().forEach(this::addRefusals);
    }

    private static Map<String, SourceReport> byName(List<SourceReport> reports) {
        Map<String, SourceReport> found = new HashMap<>();
        reports.forEach(report -> found.putIfAbsent(report.name(), report));
        return found;
    }

    private List<Meter> metersOf(String source) {
        List<Meter> made = new ArrayList<>(List.of(
                counter(source, "serai.source.runs", "Runs that have ended", SourceReport::runs),
                counter(
                        source,
                        "serai.source.failed.runs",
                        "Runs that failed or did not read all; status has the reasons",
                        SourceReport::failedRuns),
                counter(
                        source,
                        "serai.source.records",
                        "Records that the source's route took, those that were read before too",
                        SourceReport::records),
                counter(
                        source,
                        "serai.source.broken",
                        "Records that could not be read or processed and became dead letters",
                        SourceReport::broken),
                gauge(
                        source,
                        "serai.source.last.good.timestamp.seconds",
                        "When the last run of any node ended that read all there was; 0 if none has since the start",
                        report -> seconds(report.lastGoodAt())),
                gauge(
                        source,
                        "serai.source.lag.seconds",
                        "Age of the newest record that was read; NaN if it has no time",
                        this::lag),
                gauge(
                        source,
                        "serai.source.usual.pause.seconds",
                        "The usual pause between pushes, or new records, at this hour of the week; NaN while it is not known",
                        SourceMeters::usualPause),
                gauge(
                        source,
                        "serai.source.missed.ratio",
                        "Of the changes in the flows of a source that is pushed to, those that a pull brought first; NaN if none reads into them",
                        SourceMeters::missed)));
        for (SourceState state : SourceState.values()) {
            made.add(Gauge.builder("serai.source.state", () -> of(source, report -> report.state() == state ? 1 : 0))
                    .description("1 for the state that the source is in, the worst of all nodes")
                    .tags(Tags.of("source", source, "state", state.word()))
                    .register(registry));
        }
        return made;
    }

    /** Adds the counters of reasons that a source has refused requests for until now. */
    private void addRefusals(SourceReport report) {
        for (String reason : report.refused().keySet()) {
            List<Meter> known = meters.getOrDefault(report.name(), List.of());
            boolean isNew = known.stream()
                    .noneMatch(meter -> reason.equals(meter.getId().getTag("reason")));
            if (isNew) {
                known.add(FunctionCounter.builder(
                                "serai.source.refused",
                                this,
                                all -> all.ofNode(
                                        report.name(), now -> now.refused().getOrDefault(reason, 0L)))
                        .description("Requests or frames that this node refused, by reason")
                        .tags(Tags.of("source", report.name(), "reason", reason))
                        .register(registry));
            }
        }
    }

    private Meter counter(String source, String name, String description, ToDoubleFunction<SourceReport> read) {
        return FunctionCounter.builder(name, this, meters -> meters.ofNode(source, read))
                .description(description + "; at this node")
                .tags(Tags.of("source", source))
                .register(registry);
    }

    private Meter gauge(String source, String name, String description, ToDoubleFunction<SourceReport> read) {
        return Gauge.builder(name, () -> of(source, read))
                .description(description)
                .tags(Tags.of("source", source))
                .register(registry);
    }

    /** 0 if the source is at other nodes only. */
    private double ofNode(String source, ToDoubleFunction<SourceReport> read) {
        @Nullable SourceReport report = own.get(source);
        return report == null ? 0 : read.applyAsDouble(report);
    }

    private double of(String source, ToDoubleFunction<SourceReport> read) {
        @Nullable SourceReport report = all.get(source);
        return report == null ? Double.NaN : read.applyAsDouble(report);
    }

    private static double seconds(@Nullable Instant time) {
        return time == null ? 0 : time.toEpochMilli() / 1000.0;
    }

    private static double usualPause(SourceReport report) {
        @Nullable Duration pause = report.usualPause();
        return pause == null ? Double.NaN : pause.toMillis() / 1000.0;
    }

    private static double missed(SourceReport report) {
        @Nullable Double share = report.missedShare();
        return share == null ? Double.NaN : share;
    }

    private double lag(SourceReport report) {
        @Nullable Double lag = report.lagSeconds(clock.instant());
        return lag == null ? Double.NaN : lag;
    }
}
