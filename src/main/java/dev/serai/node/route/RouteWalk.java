package dev.serai.node.route;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.jspecify.annotations.Nullable;

/**
 * Walks from each route through its steps, and on through {@code direct:}, in-memory queues and Kamelets into other routes.
 *
 * <p>Threads: one thread.
 */
final class RouteWalk {
    private static final Pattern UNSAFE = Pattern.compile(".*[?&]unsafe=true(&.*)?");
    private static final String LEDGER = "ledger:";

    private final RouteLinks links;
    private final Set<BrokenPromise> found = new LinkedHashSet<>();

    RouteWalk(CamelContext context) {
        this.links = new RouteLinks(context);
    }

    /** A step on the way, after which the exchange has ended already; null before the first of them. */
    private record Way(
            @Nullable String flow,
            boolean allowed,
            @Nullable EarlyEnd end,
            @Nullable String place) {
        Way after(@Nullable EarlyEnd next, @Nullable String at) {
            return next == null || end != null ? this : new Way(flow, allowed, next, at);
        }
    }

    List<BrokenPromise> brokenPromises() {
        for (RouteDefinition route : links.routes()) {
            String from = links.from(route);
            Way way = from.startsWith(LEDGER)
                    ? new Way(flow(from), isUnsafe(from), null, null)
                    : new Way(null, false, null, null);
            walk(route, route.getOutputs(), way, new HashSet<>());
        }
        return List.copyOf(found);
    }

    private void walk(RouteDefinition route, List<ProcessorDefinition<?>> steps, Way way, Set<Object> seen) {
        for (ProcessorDefinition<?> step : steps) {
            EarlyEnd end = way.flow() == null ? EarlyEnd.beforeLedger(step) : EarlyEnd.of(step);
            Way behind = way.after(end, RouteLinks.place(route, step));
            if (end != null && way.flow() != null) {
                found.add(new BrokenPromise(way.flow(), RouteLinks.place(route, step), end, true, way.allowed()));
            }
            for (String uri : links.uris(step)) {
                follow(route, uri, behind, seen);
            }
            walk(route, step.getOutputs(), behind, seen);
        }
    }

    private void follow(RouteDefinition from, String uri, Way way, Set<Object> seen) {
        if (uri.startsWith(LEDGER)) {
            if (way.flow() == null && way.end() != null) {
                found.add(new BrokenPromise(flow(uri), way.place(), way.end(), false, isUnsafe(uri)));
            }
            return;
        }
        for (RouteDefinition next : links.next(from, uri)) {
            if (seen.add(List.of(next, way.end() != null))) {
                walk(next, next.getOutputs(), way, seen);
            }
        }
    }

    private static String flow(String ledgerUri) {
        return RouteLinks.withoutParameters(ledgerUri).substring(LEDGER.length());
    }

    private static boolean isUnsafe(String ledgerUri) {
        return UNSAFE.matcher(ledgerUri).matches();
    }
}
