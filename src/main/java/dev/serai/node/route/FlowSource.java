package dev.serai.node.route;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.camel.model.RouteDefinition;
import org.jspecify.annotations.Nullable;

/**
 * A route that takes something from outside this process.
 *
 * @param uri where it begins
 * @param condition the step that keeps some of what it takes from the flow; null if there is none
 */
record FlowSource(
        RouteDefinition route, String uri, @Nullable String condition) {
    /** What takes nothing from outside by itself, or is looked at with the route that calls it. */
    private static final Set<String> INSIDE = Set.of(
            "controlbus",
            "cron",
            "direct",
            "disruptor",
            "guava-eventbus",
            "ledger",
            "log",
            "mock",
            "quartz",
            "scheduler",
            "seda",
            "stub",
            "timer",
            "vertx");

    /** The sources of all routes, each with no condition. */
    static List<FlowSource> all(RouteLinks links) {
        List<FlowSource> sources = new ArrayList<>();
        for (RouteDefinition route : links.routes()) {
            String from = links.from(route);
            if (links.user(route) == route && !INSIDE.contains(from.replaceFirst(":.*", ""))) {
                sources.add(new FlowSource(route, from, null));
            }
        }
        return sources;
    }

    /** The source as one of a flow, or null if no way leads from it into the flow. */
    @Nullable FlowSource into(RouteLinks links, String flow) {
        RouteReach.Share share = RouteReach.toFlow(links, flow).of(route);
        return share.any() ? new FlowSource(route, uri, share.condition()) : null;
    }

    /** The Kamelet or the component. */
    String name() {
        return uri.replaceFirst("[?].*", "").replaceFirst("^kamelet:", "").replace("://", ":");
    }

    /** File and line; empty if Camel does not know them. */
    String at() {
        String place = RouteModel.placeOf(route.getInput());
        return place == null ? "" : " at " + place;
    }
}
