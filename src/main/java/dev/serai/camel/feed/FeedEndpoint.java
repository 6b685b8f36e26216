package dev.serai.camel.feed;

import dev.serai.camel.http.ByteBudget;
import dev.serai.camel.http.FlowServer;
import dev.serai.camel.ledger.LedgerComponent;
import dev.serai.ledger.cluster.NodeTalk;
import dev.serai.ledger.time.TimeSource;
import java.time.Duration;
import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;
import org.jspecify.annotations.Nullable;

/** Let a target pull its changes over HTTP, by long poll or as Server-Sent Events, and acknowledge them. */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "feed",
        title = "Feed",
        syntax = "feed:name",
        producerOnly = true,
        category = {Category.HTTP, Category.MESSAGING})
public class FeedEndpoint extends DefaultEndpoint {
    private static final int TOKEN_CHARS_MIN = 16;

    @UriPath(description = "Flow and target, as in orders/mobile; the feed is at /feeds/orders/mobile")
    @Metadata(required = true)
    private String name;

    @UriParam(
            label = "security",
            secret = true,
            description = "The token that readers send as Authorization: Bearer; at least 16 characters")
    @Metadata(required = true)
    private @Nullable String token;

    @UriParam(
            javaType = "java.time.Duration",
            defaultValue = "30s",
            description = "After this time, changes that were read but not acknowledged are read again")
    private long ackTimeout = 30_000;

    private @Nullable Feed feed;
    private @Nullable SharedFeed shared;
    private @Nullable FeedServer server;
    private @Nullable Runnable leave;
    private final Runnable endReaders = this::endReaders;

    public FeedEndpoint(String uri, FeedComponent component, String name) {
        super(uri, component);
        this.name = name;
    }

    @Override
    protected void doInit() throws Exception {
        super.doInit();
        if (!name.matches("[A-Za-z0-9._-]+/[A-Za-z0-9._-]+")) {
            throw new IllegalArgumentException("feed:" + name + " must be feed:FLOW/TARGET, as in feed:orders/mobile");
        }
        if (token == null || token.length() < TOKEN_CHARS_MIN) {
            throw new IllegalArgumentException(
                    "feed:" + name + " needs the parameter 'token', the secret of its readers, with at" + " least "
                            + TOKEN_CHARS_MIN + " characters");
        }
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        FlowServer flows = FlowServer.of(getCamelContext());
        if (flows == null || token == null) {
            return; // routes are only checked, not run
        }
        FeedComponent component = (FeedComponent) getComponent();
        NodeTalk talk = talk();
        Duration timeout = Duration.ofMillis(ackTimeout);
        ByteBudget budget = ByteBudget.of(getCamelContext());
        Feed opened = new Feed(name, talk::self, timeout, component.scheduler(), budget, TimeSource.system());
        FeedPeers peers = new FeedPeers(talk, component.scheduler());
        StreamLeases streams = new StreamLeases(timeout, component.scheduler());
        SharedFeed read = new SharedFeed(name, opened, peers, streams, component.scheduler(), budget);
        FeedPart part = new FeedPart(opened, streams, component.scheduler());
        talk.open(name, part);
        leave = () -> talk.close(name, part);
        feed = opened;
        shared = read;
        server = new FeedServer(name, token, read);
        server.mount(flows.mounts());
        flows.whenDraining(endReaders);
    }

    /** The way to the other nodes that share the ledger. */
    private NodeTalk talk() {
        return getCamelContext().hasComponent("ledger") instanceof LedgerComponent component
                ? component.ledger().talk()
                : new NodeTalk();
    }

    @Override
    protected void doStop() throws Exception {
        if (leave != null) {
            leave.run();
            leave = null;
        }
        if (server != null) {
            server.unmount();
            server = null;
            FlowServer flows = FlowServer.of(getCamelContext());
            if (flows != null) {
                flows.removeDrainTask(endReaders);
            }
            endReaders.run();
        }
        super.doStop();
    }

    private void endReaders() {
        if (shared != null) {
            shared.endReaders();
        }
    }

    /** The changes that this node delivers to. */
    Feed feed() {
        return started(feed);
    }

    SharedFeed shared() {
        return started(shared);
    }

    private <T> T started(@Nullable T part) {
        if (part == null) {
            throw new IllegalStateException("no HTTP server runs for feed:" + name + ": start a FlowServer first");
        }
        return part;
    }

    @Override
    public Producer createProducer() {
        return new FeedProducer(this, (FeedComponent) getComponent());
    }

    @Override
    public Consumer createConsumer(Processor processor) {
        throw new UnsupportedOperationException(
                "feed:" + name + " only ends a target's route: from: ledger:FLOW, to: feed:FLOW/TARGET");
    }

    public String getName() {
        return name;
    }

    public void setName(String name) {
        this.name = name;
    }

    public @Nullable String getToken() {
        return token;
    }

    public void setToken(String token) {
        this.token = token;
    }

    public long getAckTimeout() {
        return ackTimeout;
    }

    public void setAckTimeout(long ackTimeout) {
        this.ackTimeout = ackTimeout;
    }
}
