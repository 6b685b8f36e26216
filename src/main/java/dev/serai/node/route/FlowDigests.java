package dev.serai.node.route;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.camel.CamelContext;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.Resource;

/**
 * Digests of the files of each flow's routes, by which nodes find out that they have other routes. A flow is in a route that begins
 * with it or leads to it, and in the routes that this one calls.
 */
final class FlowDigests {
    private static final String LEDGER = "ledger:";

    private FlowDigests() {}

    /** By flow. */
    static Map<String, String> of(CamelContext context) {
        RouteLinks links = new RouteLinks(context);
        List<RouteDefinition> routes = RouteModel.model(context).getRouteDefinitions();
        Map<RouteDefinition, String> byRoute = new IdentityHashMap<>();
        routes.forEach(route -> byRoute.put(route, digest(text(route))));
        Map<String, SortedSet<String>> files = new TreeMap<>();
        for (RouteDefinition route : routes) {
            if (RouteModel.kameletOf(route) == null) {
                Set<RouteDefinition> reached = new LinkedHashSet<>();
                reach(links, route, reached);
                SortedSet<String> flows = new TreeSet<>();
                add(links.from(route), flows);
                links.urisOf(route).forEach(uri -> add(uri, flows));
                for (String flow : flows) {
                    SortedSet<String> all = files.computeIfAbsent(flow, none -> new TreeSet<>());
                    reached.forEach(one -> all.add(byRoute.getOrDefault(one, "")));
                }
            }
        }
        Map<String, String> digests = new TreeMap<>();
        files.forEach(
                (flow, all) -> digests.put(flow, digest(String.join(" ", all).getBytes(StandardCharsets.UTF_8))));
        return digests;
    }

    /** The route and the users' routes that it calls. */
    private static void reach(RouteLinks links, RouteDefinition route, Set<RouteDefinition> reached) {
        if (RouteModel.kameletOf(route) == null && reached.add(route)) {
            for (ProcessorDefinition<?> step : RouteModel.steps(route)) {
                for (String uri : links.uris(step)) {
                    links.next(route, uri).forEach(next -> reach(links, next, reached));
                }
            }
        }
    }

    private static void add(String uri, SortedSet<String> flows) {
        if (uri.startsWith(LEDGER)) {
            flows.add(uri.substring(LEDGER.length()).replaceFirst("^//", "").replaceFirst("\\?.*", ""));
        }
    }

    /** The route's file; if it cannot be read any more, what Camel says of the route. */
    private static byte[] text(RouteDefinition route) {
        Resource file = route.getResource();
        if (file != null && file.exists()) {
            try (InputStream in = file.getInputStream()) {
                return in.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return route.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String digest(byte[] text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text), 0, 16);
        } catch (NoSuchAlgorithmException e) { // every Java has it
            throw new IllegalStateException(e);
        }
    }
}
