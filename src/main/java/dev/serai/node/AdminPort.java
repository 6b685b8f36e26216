package dev.serai.node;

import dev.serai.access.NamedTokens;
import dev.serai.admin.AdminServer;
import dev.serai.admin.AdminToken;
import dev.serai.admin.FlowMeters;
import dev.serai.admin.StatusJson;
import dev.serai.admin.meter.NodeMeters;
import dev.serai.admin.meter.SourceMeters;
import dev.serai.camel.http.StatusLinks;
import dev.serai.http.CertificateFiles;
import dev.serai.http.EventLoops;
import dev.serai.http.ServerTls;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.TargetName;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/**
 * A node's admin server with its token and its meters.
 *
 * <p>Threads: one thread starts and closes it; meters are safe.
 */
final class AdminPort implements AutoCloseable {
    private static final String STATUS_LINKS = "status links";

    private final Settings settings;
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final EarlyPart<Vertx> vertx = new EarlyPart<>("serai-early-http", AdminPort::eventLoops);
    private volatile @Nullable FlowMeters meters;
    private @Nullable AdminServer server;

    AdminPort(Settings settings) {
        this.settings = settings;
    }

    PrometheusMeterRegistry registry() {
        return registry;
    }

    /** Begins with what {@link #start} needs and can be made before the ledger and Camel are. */
    void prepare() {
        vertx.begin();
    }

    /** Listens; returns the links, which are signed with the token, or with the secret of all nodes that share the ledger. */
    StatusLinks start(CamelContext context, Ledger ledger) {
        FlowMeters flowMeters = new FlowMeters(registry, ledger, Clock.systemUTC());
        meters = flowMeters;
        SourceMeters sourceMeters = new SourceMeters(registry, context, ledger, Clock.systemUTC());
        NodeMeters nodeMeters = new NodeMeters(registry, context, ledger);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        try {
            AdminToken token = AdminToken.readOrCreate(Path.of(settings.get("serai.admin.tokenFile")));
            byte @Nullable [] shared = LedgerPlace.sharedKey(settings, STATUS_LINKS);
            StatusLinks links = new StatusLinks(shared == null ? token.derive(STATUS_LINKS) : shared);
            AdminServer admin = new AdminServer(
                    vertx.get(),
                    settings.get("serai.admin.host"),
                    settings.port("serai.admin.port"),
                    token,
                    new NamedTokens(LedgerMaintenance.tokens(settings)),
                    ledger,
                    context,
                    () -> {
                        flowMeters.refresh();
                        sourceMeters.refresh();
                        nodeMeters.refresh();
                        return registry.scrape();
                    },
                    Clock.systemUTC(),
                    tls(context),
                    TlsSettings.adminHosts(settings));
            admin.start();
            server = admin;
            return links;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private @Nullable ServerTls tls(CamelContext context) throws IOException {
        CertificateFiles files = TlsSettings.files(settings, TlsSettings.ADMIN);
        if (files == null) {
            ServerTls.warnIfOpen("admin", settings.get("serai.admin.host"), TlsSettings.ADMIN);
            return null;
        }
        ServerTls tls = ServerTls.open("admin", files, vertx.get(), Clock.systemUTC());
        context.getRegistry().bind("adminTls", tls);
        return tls;
    }

    /** What {@code GET /api/status} answers, of a started node. */
    StatusJson status() {
        return Objects.requireNonNull(server).status();
    }

    /** The node begins to stop. */
    void endStreams() {
        if (server != null) {
            server.endStreams();
        }
    }

    String url() {
        int port = server == null ? settings.port("serai.admin.port") : server.port();
        return TlsSettings.scheme(settings, TlsSettings.ADMIN) + settings.get("serai.admin.host") + ":" + port;
    }

    void measure(TargetName target, DeliveryState outcome, Duration sinceAccepted) {
        FlowMeters current = meters;
        if (current != null) {
            current.delivered(target, outcome, sinceAccepted);
        }
    }

    @Override
    public void close() {
        if (server != null) {
            server.close();
        }
        Vertx loops = vertx.end();
        if (loops != null) {
            loops.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    private static Vertx eventLoops() {
        return Vertx.vertx(EventLoops.options().setEventLoopPoolSize(1));
    }
}
