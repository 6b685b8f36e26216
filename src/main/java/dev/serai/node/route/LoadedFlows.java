package dev.serai.node.route;

import dev.serai.camel.FlowRoutes;
import dev.serai.camel.ledger.LedgerConsumer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.jspecify.annotations.Nullable;

/**
 * The routes of flows, as they are loaded now.
 *
 * <p>Threads: safe.
 */
public final class LoadedFlows implements FlowRoutes {
    private static final Pattern PLACE = Pattern.compile("(.*):(\\d+)");
    /** Where a route begins that others call. */
    private static final Set<String> CALLED = Set.of("direct", "disruptor", "guava-eventbus", "seda", "stub", "vertx");

    private final Supplier<CamelContext> context;
    private final FlowDigests digests = new FlowDigests();
    private final UndigestedFlows undigested = new UndigestedFlows();
    /** Of the routes and endpoints of {@link #seen}. */
    private final Map<String, FlowUse> uses = new HashMap<>();

    private LoadedParts seen = new LoadedParts(List.of(), 0);
    private @Nullable GuaranteeTable table;

    /** What a hot reload changes. */
    private record LoadedParts(List<Route> routes, int endpoints) {}

    public LoadedFlows(Supplier<CamelContext> context) {
        this.context = context;
    }

    /** Made anew when other routes run: it reads the files of Kamelets. */
    @Override
    public synchronized FlowUse of(String flow) {
        CamelContext camel = context.get();
        LoadedParts now = new LoadedParts(
                List.copyOf(camel.getRoutes()), camel.getEndpointRegistry().size());
        if (table == null || !now.equals(seen)) {
            uses.clear();
            table = GuaranteeTable.of(camel);
            seen = now;
        }
        GuaranteeTable guarantees = table;
        return uses.computeIfAbsent(
                flow, name -> new FlowUse(routes(camel, name), guarantees.guarantees(name), guarantees.lines(name)));
    }

    @Override
    public Map<String, String> digests() {
        return digests.of(context.get());
    }

    @Override
    public Map<String, String> withoutDigests() {
        return undigested.of(context.get());
    }

    private static List<UsedRoute> routes(CamelContext camel, String flow) {
        RouteLinks links = new RouteLinks(camel);
        List<UsedRoute> routes = new ArrayList<>();
        Set<RouteDefinition> known = new LinkedHashSet<>();
        Set<RouteDefinition> called = new LinkedHashSet<>();
        for (RouteDefinition route : links.routes()) {
            if (links.user(route) != route) {
                continue;
            }
            String target = target(camel, route, flow);
            boolean isCalled = CALLED.contains(links.from(route).replaceFirst(":.*", ""));
            if (target != null) {
                known.add(route);
                routes.add(used(route, "target", target));
                addCalled(links, route, called);
            } else if (RouteReach.toFlow(links, flow).of(route).any()) {
                known.add(route);
                routes.add(used(route, isCalled ? "other" : "source", null));
            }
        }
        called.removeAll(known);
        called.forEach(route -> routes.add(used(route, "other", null)));
        return routes;
    }

    private static @Nullable String target(CamelContext camel, RouteDefinition definition, String flow) {
        Route route = camel.getRoute(definition.getRouteId());
        return route != null
                        && route.getConsumer() instanceof LedgerConsumer consumer
                        && consumer.target().flow().equals(flow)
                ? consumer.target().target()
                : null;
    }

    /** The users' routes that a route calls, and those that they call. */
    private static void addCalled(RouteLinks links, RouteDefinition route, Set<RouteDefinition> called) {
        for (ProcessorDefinition<?> step : RouteModel.steps(route)) {
            for (String uri : links.uris(step)) {
                for (RouteDefinition next : links.next(route, uri)) {
                    if (links.user(next) == next && called.add(next)) {
                        addCalled(links, next, called);
                    }
                }
            }
        }
    }

    private static UsedRoute used(RouteDefinition route, String role, @Nullable String target) {
        String place = RouteModel.placeOf(route.getInput());
        Matcher parts = PLACE.matcher(place == null ? "" : place);
        return parts.matches()
                ? new UsedRoute(route.getRouteId(), parts.group(1), Integer.valueOf(parts.group(2)), role, target)
                : new UsedRoute(route.getRouteId(), place, null, role, target);
    }
}
