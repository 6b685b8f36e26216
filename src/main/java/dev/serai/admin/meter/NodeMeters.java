package dev.serai.admin.meter;

import dev.serai.camel.RouteFileStatus;
import dev.serai.http.ServerTls;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.TargetName;
import dev.serai.reconcile.ReconcileState;
import dev.serai.reconcile.desk.ReconcileDesk;
import dev.serai.reconcile.desk.ReconcileDesk.DeskOverview;
import dev.serai.reconcile.readback.SpareTime;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.CamelContext;

/**
 * Whether the ledger can be written, which route files are not loaded, when certificates expire, up to when targets are known to
 * be equal, how many keys are known not to be, and
 * how long comparing them waited.
 *
 * <p>Threads: safe. Keep a reference to it while its registry is used.
 */
public final class NodeMeters {
    private final MeterRegistry registry;
    private final CamelContext camel;
    private final Set<ServerTls> ports = new HashSet<>();
    private final Map<TargetName, Gauge> marks = new HashMap<>();
    private final Map<ReconcileState.Side, Gauge> differing = new HashMap<>();
    private volatile DeskOverview compared = new DeskOverview(List.of(), Map.of());

    public NodeMeters(MeterRegistry registry, CamelContext camel, Ledger ledger) {
        this.registry = registry;
        this.camel = camel;
        RouteFileStatus files = RouteFileStatus.of(camel);
        Gauge.builder("serai.ledger.writable", ledger, one -> one.isWritable() ? 1 : 0)
                .description("1 while the ledger can be written, else 0; status has the reason")
                .register(registry);
        Gauge.builder("serai.route.files.refused", files, one -> one.refused().size())
                .description("Route files that are not loaded as they are now; status has the reasons")
                .register(registry);
        FunctionCounter.builder("serai.reconcile.waited.seconds", SpareTime.of(camel), SpareTime::waitedSeconds)
                .description("How long runs of reconciliations waited at this node, since the machine had other work")
                .register(registry);
    }

    /** Adds the meters of ports that have TLS and of targets that are compared; call it before the registry is read. */
    public synchronized void refresh() {
        for (ServerTls tls : camel.getRegistry().findByType(ServerTls.class)) {
            if (ports.add(tls)) {
                Gauge.builder("serai.certificate.expiry.timestamp.seconds", tls, port -> port.expiresAt()
                                .getEpochSecond())
                        .description("When the certificate of the port expires, in seconds since 1970")
                        .tags(Tags.of("port", tls.port()))
                        .register(registry);
            }
        }
        ReconcileDesk desk = camel.getRegistry().findSingleByType(ReconcileDesk.class);
        if (desk != null) {
            DeskOverview now = desk.overview();
            compared = now;
            Set<TargetName> verified = now.verifiedThrough().keySet();
            marks.entrySet()
                    .removeIf(one -> !verified.contains(one.getKey()) && registry.remove(one.getValue()) != null);
            verified.forEach(target -> marks.computeIfAbsent(target, of -> mark(of)));
            Set<ReconcileState.Side> sides = now.differing().keySet();
            differing
                    .entrySet()
                    .removeIf(one -> !sides.contains(one.getKey()) && registry.remove(one.getValue()) != null);
            sides.forEach(side -> differing.computeIfAbsent(side, of -> differing(of)));
        }
    }

    private Gauge differing(ReconcileState.Side side) {
        TargetName target = side.target();
        return Gauge.builder("serai.reconcile.differing.keys", this, one -> one.compared
                        .differing()
                        .getOrDefault(side, 0L))
                .description("Keys that a reconciliation found not equal on this side, and that were not repaired")
                .tags(Tags.of("flow", target.flow(), "target", target.target(), "side", side.name()))
                .register(registry);
    }

    private Gauge mark(TargetName target) {
        return Gauge.builder("serai.verified.through.timestamp.seconds", this, one -> {
                    Instant mark = one.compared.verifiedThrough().get(target);
                    return mark == null ? Double.NaN : mark.toEpochMilli() / 1000.0;
                })
                .description("Up to when everything that was accepted is equal in the target, in seconds since 1970")
                .tags(Tags.of("flow", target.flow(), "target", target.target()))
                .register(registry);
    }
}
