package dev.serai.node.trial;

import dev.serai.camel.ledger.LedgerEndpoint;
import dev.serai.node.route.RouteModel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.FromDefinition;
import org.apache.camel.model.ModelLifecycleStrategySupport;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.jspecify.annotations.Nullable;

/**
 * Lets each route of the user's begin at an endpoint of its own in this process instead of where it is written to begin, and
 * finds them by id, flow and target.
 *
 * <p>Threads: one thread.
 */
final class TrialRoutes extends ModelLifecycleStrategySupport {
    static final String DIRECT = "direct:";
    private static final String LEDGER = "ledger:";

    private static final Pattern BATCH = Pattern.compile("ledger:.*[?&]batch=true(&.*)?", Pattern.DOTALL);

    private record Entrance(RouteDefinition route, String from, String entry) {}

    private final List<Entrance> entrances = new ArrayList<>();
    private final Map<String, TrialRoute> routes = new LinkedHashMap<>();

    @Override
    public void onAddRouteDefinition(RouteDefinition route) {
        FromDefinition input = route.getInput();
        if (input == null || RouteModel.kameletOf(route) != null) {
            return;
        }
        String from = String.valueOf(input.getEndpointUri());
        String entry = from;
        if (!from.startsWith(DIRECT)) {
            entry = DIRECT + "serai-trial-" + entrances.size();
            input.setUri(entry);
        }
        entrances.add(new Entrance(route, from, entry));
    }

    /** Once all are read. */
    void read(CamelContext context) {
        for (Entrance entrance : entrances) {
            TrialRoute route = route(context, entrance);
            routes.put(route.id(), route);
        }
    }

    private TrialRoute route(CamelContext context, Entrance entrance) {
        String id = entrance.route().getRouteId();
        String place = RouteModel.placeOf(entrance.route().getInput());
        Set<String> feeds = new TreeSet<>();
        addFeeds(entrance.route(), feeds, new HashSet<>());
        if (!entrance.from().startsWith(LEDGER)) {
            return new TrialRoute(
                    id, place, entrance.from(), entrance.entry(), null, null, 1, feeds, isBatch(entrance.route()));
        }
        LedgerEndpoint ledger = context.getEndpoint(entrance.from(), LedgerEndpoint.class);
        return new TrialRoute(
                id,
                place,
                entrance.from(),
                entrance.entry(),
                ledger.getFlow(),
                ledger.getConsumerOptions().getTarget(),
                ledger.getConsumerOptions().getBatchSize(),
                feeds,
                false);
    }

    private static boolean isBatch(RouteDefinition route) {
        return RouteModel.steps(route).stream()
                .anyMatch(step -> step instanceof EndpointRequiredDefinition to
                        && BATCH.matcher(String.valueOf(to.getEndpointUri())).matches());
    }

    private void addFeeds(RouteDefinition route, Set<String> feeds, Set<RouteDefinition> seen) {
        if (!seen.add(route)) {
            return;
        }
        for (ProcessorDefinition<?> step : RouteModel.steps(route)) {
            String uri = step instanceof EndpointRequiredDefinition to ? String.valueOf(to.getEndpointUri()) : "";
            String plain = uri.replaceFirst("[?].*", "").replace("://", ":");
            if (plain.startsWith(LEDGER)) {
                feeds.add(plain.substring(LEDGER.length()));
            }
            for (Entrance called : entrances) {
                if (plain.startsWith(DIRECT)
                        && plain.equals(called.from().replaceFirst("[?].*", "").replace("://", ":"))) {
                    addFeeds(called.route(), feeds, seen);
                }
            }
        }
    }

    /** In the order of the files. */
    List<TrialRoute> all() {
        return List.copyOf(routes.values());
    }

    @Nullable TrialRoute byId(String id) {
        return routes.get(id);
    }

    /** The target's route. */
    @Nullable TrialRoute byTarget(String name) {
        return routes.values().stream()
                .filter(route -> name.equals(route.name()))
                .findFirst()
                .orElse(null);
    }

    /** The routes that something enters from outside and that lead into the flow. */
    List<TrialRoute> sourcesOf(String flow) {
        return routes.values().stream()
                .filter(route -> route.flow() == null
                        && !route.isInner()
                        && route.feeds().contains(flow))
                .toList();
    }

    List<TrialRoute> targetsOf(String flow) {
        return routes.values().stream()
                .filter(route -> flow.equals(route.flow()))
                .toList();
    }

    /** The names of all flows. */
    Set<String> flows() {
        Set<String> flows = new TreeSet<>();
        routes.values().forEach(route -> {
            flows.addAll(route.feeds());
            if (route.flow() != null) {
                flows.add(route.flow());
            }
        });
        return flows;
    }
}
