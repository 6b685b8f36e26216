package dev.serai.node.route;

import dev.serai.camel.FlowRoutes;
import dev.serai.camel.ledger.LedgerConsumer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.jspecify.annotations.Nullable;

/**
 * The routes of flows, as they are loaded now. While routes are replaced it tells what was loaded before: some of them are missing
 * then, and Camel's lists must not be read.
 *
 * <p>Threads: safe.
 */
public final class LoadedFlows implements FlowRoutes {
    private static final Pattern PLACE = Pattern.compile("(.*):(\\d+)");
    /** Where a route begins that others call. */
    private static final Set<String> CALLED = Set.of("direct", "disruptor", "guava-eventbus", "seda", "stub", "vertx");

    /** The name in the registry. */
    public static final String NAME = "flowRoutes";

    private final Supplier<CamelContext> context;
    private final ReadWriteLock replaced = new ReentrantReadWriteLock();
    private final Memo<Map<String, String>> digests = new Memo<>(LoadedFlows::definitions, FlowDigests::of);
    private final Memo<Map<String, String>> undigested = new Memo<>(LoadedFlows::definitions, UndigestedFlows::of);
    private final Memo<FlowUses> uses = new Memo<>(LoadedFlows::running, FlowUses::new);

    public LoadedFlows(Supplier<CamelContext> context) {
        this.context = context;
    }

    /** Routes are replaced by this thread until what is returned is closed. */
    public Replacing replacing() {
        replaced.writeLock().lock();
        return replaced.writeLock()::unlock;
    }

    /** The time in which routes are replaced. */
    public interface Replacing extends AutoCloseable {
        @Override
        void close();
    }

    @Override
    public FlowUse of(String flow) {
        return settled(() -> uses.last().flatMap(before -> before.known(flow)), () -> uses.of(context.get())
                .of(flow));
    }

    @Override
    public Map<String, String> digests() {
        return settled(digests::last, () -> digests.of(context.get()));
    }

    @Override
    public Map<String, String> withoutDigests() {
        return settled(undigested::last, () -> undigested.of(context.get()));
    }

    /** What is loaded now; while routes are replaced what was known before, and if that is nothing, what is loaded then. */
    private <T> T settled(Supplier<Optional<T>> before, Supplier<T> now) {
        if (!replaced.readLock().tryLock()) {
            Optional<T> known = before.get();
            if (known.isPresent()) {
                return known.get();
            }
            replaced.readLock().lock();
        }
        try {
            return now.get();
        } finally {
            replaced.readLock().unlock();
        }
    }

    // ---- What is kept until a hot reload

    /** What is made of a context, and made anew once its parts are others. */
    private static final class Memo<T> {
        private final Function<CamelContext, List<?>> parts;
        private final Function<CamelContext, T> make;
        private List<?> seen = List.of();
        private volatile @Nullable T made;

        Memo(Function<CamelContext, List<?>> parts, Function<CamelContext, T> make) {
            this.parts = parts;
            this.make = make;
        }

        Optional<T> last() {
            return Optional.ofNullable(made);
        }

        synchronized T of(CamelContext camel) {
            List<?> now = parts.apply(camel);
            T last = made;
            if (last == null || !now.equals(seen)) {
                last = make.apply(camel);
                made = last;
                seen = now;
            }
            return last;
        }
    }

    private static List<?> definitions(CamelContext camel) {
        return List.copyOf(RouteModel.model(camel).getRouteDefinitions());
    }

    /** What is guaranteed depends on the endpoints, too. */
    private static List<?> running(CamelContext camel) {
        return List.of(
                List.copyOf(camel.getRoutes()), camel.getEndpointRegistry().size());
    }

    /** What is guaranteed is read from the files of Kamelets, too. */
    private static final class FlowUses {
        private final CamelContext camel;
        private final GuaranteeTable table;
        private final Map<String, FlowUse> byFlow = new ConcurrentHashMap<>();

        FlowUses(CamelContext camel) {
            this.camel = camel;
            this.table = GuaranteeTable.of(camel);
        }

        Optional<FlowUse> known(String flow) {
            return Optional.ofNullable(byFlow.get(flow));
        }

        synchronized FlowUse of(String flow) {
            return byFlow.computeIfAbsent(
                    flow, name -> new FlowUse(routes(camel, name), table.guarantees(name), table.lines(name)));
        }
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
