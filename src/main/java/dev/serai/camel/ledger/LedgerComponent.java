package dev.serai.camel.ledger;

import dev.serai.ledger.FlowStatus;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.delivery.NodePhase;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.camel.Endpoint;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.HealthCheckComponent;
import org.jspecify.annotations.Nullable;

/** The durable ledger between sources and targets: {@code ledger:FLOW}. */
@Component("ledger")
public final class LedgerComponent extends HealthCheckComponent {
    private final Function<String, Ledger> opener;
    private volatile @Nullable Ledger ledger;
    private @Nullable StatusPath statusPath;
    private volatile @Nullable List<FlowStatus> flowsAtEnd;

    @Metadata(description = "Where the ledger is stored, as a JDBC URL", defaultValue = "jdbc:sqlite:data/ledger.db")
    private String url = "jdbc:sqlite:data/ledger.db";

    /** @param opener opens the ledger at a JDBC URL; the component closes it */
    public LedgerComponent(Function<String, Ledger> opener) {
        this.opener = opener;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        LedgerEndpoint endpoint = new LedgerEndpoint(uri, this, remaining);
        setProperties(endpoint, parameters);
        return endpoint;
    }

    /** Sets the status links that are returned when sync mode times out. */
    public void linkStatus(StatusPath path) {
        statusPath = path;
    }

    @Nullable StatusPath statusPath() {
        return statusPath;
    }

    /** The ledger, opened at first use. */
    public Ledger ledger() {
        Ledger open = ledger;
        return open == null ? open() : open;
    }

    private synchronized Ledger open() {
        Ledger open = ledger;
        if (open == null) {
            open = opener.apply(url);
            ledger = open;
        }
        return open;
    }

    /** The node begins to stop: other nodes get its part of the ledger, if they share it. */
    public void stopping() {
        Ledger open = ledger;
        if (open != null) {
            open.enter(NodePhase.STOPPING);
            open.leave();
        }
    }

    @Override
    protected synchronized void doShutdown() throws Exception {
        Ledger open = ledger;
        if (open != null) {
            flowsAtEnd = flows(open);
            open.close();
            ledger = null;
        }
        super.doShutdown();
    }

    private static @Nullable List<FlowStatus> flows(Ledger open) {
        try {
            return open.whole(open::flows);
        } catch (RuntimeException e) { // it has to be closed in any case
            return null;
        }
    }

    /** The flows when the ledger was closed; null if not all could be read, or it was not. */
    public @Nullable List<FlowStatus> flowsAtEnd() {
        return flowsAtEnd;
    }

    public String getUrl() {
        return url;
    }

    public void setUrl(String url) {
        this.url = url;
    }
}
