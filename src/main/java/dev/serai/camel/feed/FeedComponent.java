package dev.serai.camel.feed;

import dev.serai.camel.http.FlowServer;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.apache.camel.Endpoint;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.util.concurrent.CamelThreadFactory;
import org.jspecify.annotations.Nullable;

/** Lets targets pull: {@code feed:FLOW/TARGET}, on the {@link FlowServer}'s port under {@code /feeds/FLOW/TARGET}. */
@Component("feed")
public final class FeedComponent extends DefaultComponent {
    private static final int THREADS = 4;

    private @Nullable ScheduledExecutorService scheduler;
    private @Nullable ExecutorService threads;

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        FeedEndpoint endpoint = new FeedEndpoint(uri, this, remaining);
        setProperties(endpoint, parameters);
        return endpoint;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        var executors = getCamelContext().getExecutorServiceManager();
        // Camel's own keep a task that was cancelled until its time has come.
        ScheduledThreadPoolExecutor timer =
                new ScheduledThreadPoolExecutor(1, new CamelThreadFactory("serai-feed-timer", "", true));
        timer.setRemoveOnCancelPolicy(true);
        scheduler = timer;
        threads = executors.newFixedThreadPool(this, "feed", THREADS);
    }

    @Override
    protected void doStop() throws Exception {
        var executors = getCamelContext().getExecutorServiceManager();
        if (scheduler != null) {
            scheduler.shutdownNow();
            scheduler = null;
        }
        if (threads != null) {
            executors.shutdownGraceful(threads);
            threads = null;
        }
        super.doStop();
    }

    /** Ends leases in time. */
    ScheduledExecutorService scheduler() {
        return started(scheduler);
    }

    /** Continues the routes of acknowledged changes. */
    ExecutorService threads() {
        return started(threads);
    }

    private static <T> T started(@Nullable T part) {
        if (part == null) {
            throw new IllegalStateException("the feed component is not started");
        }
        return part;
    }
}
