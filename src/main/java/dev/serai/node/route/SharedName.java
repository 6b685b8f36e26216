package dev.serai.node.route;

import dev.serai.camel.SourceRegistry;
import dev.serai.camel.SourceRegistry.SourceName;
import dev.serai.text.LogText;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.camel.CamelContext;
import org.apache.camel.model.RouteDefinition;

/**
 * Refuses two sources of one name: they would move the same cursor, and each would skip what the other one has read.
 */
public final class SharedName {
    private SharedName() {}

    /** Looks at all sources; throws {@link ConfigurationException} with both places and what to do. */
    static void refuse(CamelContext context) {
        Map<String, SourceName> known = new HashMap<>();
        for (SourceName source : SourceRegistry.of(context).names()) {
            SourceName other = known.putIfAbsent(source.name(), source);
            if (other != null) {
                throw refusal(source.name(), place(context, source), place(context, other));
            }
        }
    }

    /** @param place where the source is, in whichever way */
    private static ConfigurationException refusal(String name, String place, String other) {
        return new ConfigurationException(place + ": the source at " + other + " has the name " + LogText.of(name)
                + " too, so both would move the same cursor, and each would skip what the other one has read: give one of"
                + " them another name");
    }

    private static String place(CamelContext context, SourceName source) {
        RouteDefinition route = RouteModel.model(context).getRouteDefinition(source.route());
        String place = route == null ? null : RouteModel.placeOf(route.getInput());
        return place == null ? "route " + source.route() : place;
    }

    /**
     * Refuses sources whose names others have that run already.
     *
     * @param context with the sources to look at
     * @param running with those that run
     * @param isReplaced whether a running route, named by its id, goes when the others come
     */
    public static void refuse(CamelContext context, CamelContext running, Predicate<String> isReplaced) {
        for (SourceName source : SourceRegistry.of(context).names()) {
            RouteDefinition route = RouteModel.model(context).getRouteDefinition(source.route());
            boolean isLasting = source.isGiven() || (route != null && route.hasCustomIdAssigned());
            for (SourceName other : SourceRegistry.of(running).names()) {
                if (isLasting && other.name().equals(source.name()) && !isReplaced.test(other.route())) {
                    throw refusal(source.name(), place(context, source), place(running, other));
                }
            }
        }
    }
}
