package dev.serai.camel.ingress;

import dev.serai.camel.http.Admission;
import dev.serai.camel.http.BodyLimit;
import dev.serai.camel.http.ByteBudget;
import dev.serai.camel.http.FlowServer;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import org.apache.camel.Endpoint;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;
import org.jspecify.annotations.Nullable;

/**
 * Takes HTTP requests into routes: {@code ingress:PATH}, on the {@link FlowServer}'s port.
 *
 * <p>All endpoints share its limits, and each has threads of its own. A thread is held while a route runs, not while the ledger
 * commits.
 */
@Component("ingress")
public class IngressComponent extends DefaultComponent {

    @Metadata(description = "The largest body taken, in bytes. Unset: the property serai.limits.bodyBytes")
    private int maxBodyBytes;

    @Metadata(
            defaultValue = "6144",
            description = "How many requests may be in progress at once; more are answered 503.")
    private int maxInFlight = 6144;

    @Metadata(
            defaultValue = "67108864",
            description = "How many bytes of bodies may be in memory at once; more are answered 503.")
    private long maxHeldBytes = 64L << 20;

    @Metadata(label = "advanced", defaultValue = "8", description = "How many threads run the routes of one path.")
    private int workers = 8;

    private Admission admission = new Admission(0, 0, new ByteBudget(0));
    private @Nullable ExecutorService executor;
    private @Nullable RouteWorkers routeWorkers;

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        IngressEndpoint endpoint = new IngressEndpoint(uri, this, path(written(uri)));
        setProperties(endpoint, parameters);
        return endpoint;
    }

    /** The path as requests have it: what Camel hands over as the remaining part is decoded. */
    private static String written(String uri) {
        String path = uri.substring(uri.indexOf(':') + 1);
        int query = path.indexOf('?');
        return query < 0 ? path : path.substring(0, query);
    }

    private static String path(String remaining) {
        String path = "/" + remaining.replaceFirst("^/+", "");
        boolean exact = path.chars().allMatch(c -> c > ' ' && c < 127 && "*?#{}\\\"<>".indexOf(c) < 0);
        if (!exact) {
            throw new IllegalArgumentException("ingress:" + remaining
                    + " is not an exact path: use printable ASCII without wildcards, as in ingress:/hooks/orders");
        }
        return path;
    }

    @Override
    protected void doInit() throws Exception {
        super.doInit();
        if (maxBodyBytes <= 0) {
            maxBodyBytes = BodyLimit.bytesMax(getCamelContext());
        }
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        admission = new Admission(maxInFlight, maxHeldBytes, ByteBudget.of(getCamelContext()));
        ExecutorService threads = getCamelContext().getExecutorServiceManager().newCachedThreadPool(this, "ingress");
        executor = threads;
        routeWorkers = new RouteWorkers(threads, workers, RouteWorkers.bytesOfProcess());
    }

    @Override
    protected void doStop() throws Exception {
        if (executor != null) {
            getCamelContext().getExecutorServiceManager().shutdownGraceful(executor);
            executor = null;
            routeWorkers = null;
        }
        super.doStop();
    }

    Admission admission() {
        return admission;
    }

    /** The threads of one path. Never more tasks wait than {@link #getMaxInFlight} allows. */
    RouteWorkers.PathWorkers pathWorkers() {
        RouteWorkers running = routeWorkers;
        if (running == null) {
            throw new IllegalStateException("the ingress component is stopped");
        }
        return running.ofPath();
    }

    public int getMaxBodyBytes() {
        return maxBodyBytes;
    }

    public void setMaxBodyBytes(int maxBodyBytes) {
        this.maxBodyBytes = maxBodyBytes;
    }

    public int getMaxInFlight() {
        return maxInFlight;
    }

    public void setMaxInFlight(int maxInFlight) {
        this.maxInFlight = maxInFlight;
    }

    public long getMaxHeldBytes() {
        return maxHeldBytes;
    }

    public void setMaxHeldBytes(long maxHeldBytes) {
        this.maxHeldBytes = maxHeldBytes;
    }

    public int getWorkers() {
        return workers;
    }

    public void setWorkers(int workers) {
        this.workers = workers;
    }
}
