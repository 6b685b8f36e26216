package dev.serai.camel;

import dev.serai.ledger.time.TimeSource;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.ServiceStatus;
import org.apache.camel.component.kamelet.KameletEndpoint;
import org.apache.camel.support.LifecycleStrategySupport;
import org.jspecify.annotations.Nullable;

/**
 * The sources of a Camel context with their states. A source is in it while its route exists.
 *
 * <p>Threads: safe.
 */
public final class SourceRegistry extends LifecycleStrategySupport {
    private final CamelContext context;
    private final Map<String, KnownSource> sources = new ConcurrentHashMap<>();

    private final TimeSource time;

    private record KnownSource(
            Route route, @Nullable String givenName, ReportMaker maker, ChangePauses pauses, boolean isPushed) {}

    private interface ReportMaker {
        SourceReport report(String name, boolean isStopped);
    }

    /**
     * The name of a source, under which its cursor is saved.
     *
     * @param route the id of the user's route that has it
     * @param isGiven whether it is an option of the source; else it is the id of the route
     */
    public record SourceName(String name, String route, boolean isGiven) {}

    /**
     * A source as it is now.
     *
     * @param route that reads or takes it
     * @param pauses what it learns
     * @param isPushed whether it is pushed to
     */
    public record SourceNow(Route route, SourceReport report, ChangePauses pauses, boolean isPushed) {}

    private SourceRegistry(CamelContext context) {
        this.context = context;
        TimeSource given = context.getRegistry().findSingleByType(TimeSource.class);
        this.time = given == null ? TimeSource.system() : given;
    }

    /** The clocks of sources that are pushed to: those in Camel's registry, or the machine's. */
    public TimeSource time() {
        return time;
    }

    /** The context's registry. */
    public static SourceRegistry of(CamelContext context) {
        synchronized (context) {
            SourceRegistry known = context.getCamelContextExtension().getContextPlugin(SourceRegistry.class);
            if (known == null) {
                known = new SourceRegistry(context);
                context.getCamelContextExtension().addContextPlugin(SourceRegistry.class, known);
                context.addLifecycleStrategy(known);
            }
            return known;
        }
    }

    /**
     * Adds a source, or replaces the one of the same route.
     *
     * @param route the Kamelet's own route
     * @param name null for the id of the user's route
     * @param trouble asked for each report, if the source can tell without a run whether it can read: why it cannot, or null
     */
    public void add(
            Route route, @Nullable String name, SourceStatus status, @Nullable Supplier<@Nullable String> trouble) {
        ReportMaker maker = (reported, isStopped) -> {
            String now = trouble == null || isStopped ? null : trouble.get();
            return status.report(reported, isStopped, now, trouble != null);
        };
        sources.put(route.getRouteId(), new KnownSource(route, name, maker, status.pauses(), false));
    }

    /** The status of a new source that is pushed to. */
    public PushStatus newPush(String kind) {
        return new PushStatus(kind, time);
    }

    /**
     * Adds a source that is pushed to, or replaces the one of the same route.
     *
     * @param route that begins with it
     */
    public void add(Route route, PushStatus status) {
        sources.put(route.getRouteId(), new KnownSource(route, null, status::report, status.pauses(), true));
    }

    @Override
    public void onRoutesRemove(Collection<Route> routes) {
        routes.forEach(route -> sources.remove(route.getRouteId()));
    }

    /** All sources, the worst first. */
    public List<SourceReport> reports() {
        return now().map(SourceNow::report)
                .sorted(Comparator.comparing(SourceReport::state).thenComparing(SourceReport::name))
                .toList();
    }

    /** All sources, in no order. */
    public Stream<SourceNow> now() {
        return sources.values().stream()
                .map(source -> new SourceNow(source.route, report(source), source.pauses, source.isPushed));
    }

    /** The names of all sources, in the order of their routes' ids; equal sources of several routes are each in it. */
    public List<SourceName> names() {
        return sources.values().stream()
                .filter(source -> !source.isPushed)
                .flatMap(source -> userIds(source.route.getRouteId()).map(route -> name(source.givenName, route)))
                .sorted(Comparator.comparing(SourceName::route))
                .toList();
    }

    private static SourceName name(@Nullable String givenName, String route) {
        return givenName == null ? new SourceName(route, route, false) : new SourceName(givenName, route, true);
    }

    private Stream<String> userIds(String kameletRouteId) {
        return context.getRoutes().stream()
                .filter(route -> route.getEndpoint() instanceof KameletEndpoint kamelet
                        && kamelet.getRouteId().equals(kameletRouteId))
                .map(Route::getRouteId);
    }

    /** The id of another user's route whose source has this name; null if there is none. */
    public @Nullable String otherOf(String name, String route) {
        return names().stream()
                .filter(other -> other.name().equals(name) && !other.route().equals(route))
                .map(SourceName::route)
                .findFirst()
                .orElse(null);
    }

    private SourceReport report(KnownSource source) {
        String own = source.route.getRouteId();
        Route user = user(context, own);
        String name = source.givenName != null ? source.givenName : user == null ? own : user.getRouteId();
        boolean isUserRunning = user == null ? !source.route.isCreatedByKamelet() : isStarted(user.getRouteId());
        boolean isStopped = !isStarted(own) || !isUserRunning;
        return source.maker.report(name, isStopped);
    }

    private boolean isStarted(String routeId) {
        ServiceStatus status = context.getRouteController().getRouteStatus(routeId);
        return status != null && (status.isStarted() || status.isStarting());
    }

    /** The user's route that has a Kamelet as its source; null if there is none, or not yet. */
    public static @Nullable Route user(CamelContext context, String kameletRouteId) {
        for (Route route : context.getRoutes()) {
            if (route.getEndpoint() instanceof KameletEndpoint kamelet
                    && kamelet.getRouteId().equals(kameletRouteId)) {
                return route;
            }
        }
        return null;
    }
}
