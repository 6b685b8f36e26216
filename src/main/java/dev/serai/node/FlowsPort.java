package dev.serai.node;

import dev.serai.camel.http.FlowServer;
import dev.serai.camel.http.FlowServerSettings;
import dev.serai.camel.http.StatusLinks;
import dev.serai.ledger.Ledger;
import dev.serai.node.silence.SilenceWatch;
import java.time.Duration;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/**
 * A node's server for the flows, by its settings, and the watch over what is pushed to it.
 *
 * <p>Threads: one thread prepares and drains it.
 */
final class FlowsPort {
    private final Settings settings;
    private @Nullable FlowServer server;
    private @Nullable SilenceWatch watch;

    FlowsPort(Settings settings) {
        this.settings = settings;
    }

    /** Makes the server that the routes need; its port is not open yet. */
    void prepare(CamelContext context, StatusLinks links, Ledger ledger) {
        FlowServerSettings listen = new FlowServerSettings(
                settings.get("serai.http.host"),
                settings.port("serai.http.port"),
                settings.bytes("serai.limits.bodyBytes"),
                Duration.ofSeconds(30),
                Duration.ofSeconds(60),
                TlsSettings.files(settings, TlsSettings.FLOWS),
                TlsSettings.proxies(settings));
        try {
            FlowServer prepared = FlowServer.prepare(context, listen);
            server = prepared;
            links.mount(prepared.router(), ledger);
            watch = new SilenceWatch(context, ledger);
            watch.start();
        } catch (Exception e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /** The server of a started node. */
    FlowServer server() {
        if (server == null) {
            throw new IllegalStateException("the node is not started");
        }
        return server;
    }

    String url() {
        int port = server == null ? settings.port("serai.http.port") : server.port();
        return TlsSettings.scheme(settings, TlsSettings.FLOWS) + settings.get("serai.http.host") + ":" + port;
    }

    /** Starts routes. */
    interface Start {
        void run() throws Exception;
    }

    /** Opens the port. Requests that come before the routes have started are asked to come again, for a 404 would be final. */
    void open(Start routes) throws Exception {
        try (FlowServer.Replacement starting = server().starting()) {
            server().listen();
            routes.run();
        }
    }

    void drain() {
        if (watch != null) {
            watch.close();
        }
        if (server != null) {
            server.drain();
        }
    }
}
