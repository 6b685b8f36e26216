package dev.serai.admin.meter;

import dev.serai.camel.RouteFileStatus;
import dev.serai.http.ServerTls;
import dev.serai.ledger.Ledger;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.HashSet;
import java.util.Set;
import org.apache.camel.CamelContext;

/**
 * Whether the ledger can be written, which route files are not loaded, and when certificates expire.
 *
 * <p>Threads: safe. Keep a reference to it while its registry is used.
 */
public final class NodeMeters {
    private final MeterRegistry registry;
    private final CamelContext camel;
    private final Set<ServerTls> ports = new HashSet<>();

    public NodeMeters(MeterRegistry registry, CamelContext camel, Ledger ledger) {
        this.registry = registry;
        this.camel = camel;
        RouteFileStatus files = RouteFileStatus.of(camel);
        Gauge.builder("serai.ledger.writable", ledger, one -> one.trouble().isEmpty() ? 1 : 0)
                .description("1 while the ledger can be written, else 0; status has the reason")
                .register(registry);
        Gauge.builder("serai.route.files.refused", files, one -> one.refused().size())
                .description("Route files that are not loaded as they are now; status has the reasons")
                .register(registry);
    }

    /** Adds the meters of ports that have TLS; call it before the registry is read. */
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
    }
}
