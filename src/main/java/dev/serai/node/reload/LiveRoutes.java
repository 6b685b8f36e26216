package dev.serai.node.reload;

import dev.serai.camel.http.FlowServer;
import dev.serai.node.Node;
import dev.serai.node.SeraiKamelets;
import dev.serai.node.StartFailure;
import dev.serai.node.route.LoadedFlows;
import dev.serai.node.route.RouteModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Route;
import org.apache.camel.RouteConfigurationsBuilder;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.kamelet.KameletEndpoint;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteTemplateDefinition;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.jspecify.annotations.Nullable;

/**
 * The routes of a running node by file. Replaces the routes of one file while all others run.
 *
 * <p>Camel's own reload keeps the Kamelets as they were first read, and the routes and endpoints that it made for them. A new
 * route would find the old endpoint under its address, and with it the old routes. So the endpoints that only this file used
 * are removed with it, and its Kamelets are read again.
 *
 * <p>Threads: one thread.
 */
public final class LiveRoutes {
    private final CamelContext context;
    private final Model model;
    private final FlowServer server;
    private final LoadedFlows flows;
    private final SeraiKamelets kamelets;
    private final Duration drainMax;
    private final RouteDrain drain;

    /**
     * The routes of a started node.
     *
     * @param drainMax how long changes in progress may take before a replacement is given up
     */
    public LiveRoutes(Node node, Duration drainMax) {
        this.context = node.context();
        this.model = RouteModel.model(context);
        this.server = node.flowServer();
        this.flows =
                Objects.requireNonNull(context.getRegistry().lookupByNameAndType(LoadedFlows.NAME, LoadedFlows.class));
        this.kamelets = node.kamelets();
        this.drainMax = drainMax;
        this.drain = new RouteDrain(context, drainMax);
    }

    CamelContext context() {
        return context;
    }

    /** The ids of the routes that a file holds, sorted. */
    Set<String> idsOf(Path file) {
        Set<String> ids = new TreeSet<>();
        for (RouteDefinition route : definitionsOf(file)) {
            ids.add(route.getRouteId());
        }
        return ids;
    }

    /** Whether a route of another file has the id. */
    boolean isTaken(String id, Path file) {
        RouteDefinition route = model.getRouteDefinition(id);
        return route != null && !isOf(file, route.getResource());
    }

    /** File and line of a route. */
    @Nullable String placeOf(String id) {
        RouteDefinition route = model.getRouteDefinition(id);
        return route == null ? null : RouteModel.placeOf(route);
    }

    /** The names of the Kamelets that a file's routes use, those inside Kamelets included. */
    Set<String> kameletsOf(Path file) {
        return RouteUse.of(context, idsOf(file)).kamelets();
    }

    /**
     * Replaces the file's routes with those of the new content. Exchanges in progress finish first; if that takes too long, or
     * a new route does not start, the file's old routes continue to run and the reason is thrown.
     *
     * @param fresh null to remove the routes
     * @param before the content that the file's routes were loaded from, null if it had none
     * @param kamelets the Kamelets of the new routes, which are read again
     */
    void replace(Path file, byte @Nullable [] fresh, byte @Nullable [] before, Set<String> kamelets) throws Exception {
        try (FlowServer.Replacement replacement = server.replaceRoutes();
                LoadedFlows.Replacing replacing = flows.replacing()) {
            remove(file);
            if (fresh == null) {
                return;
            }
            List<RouteTemplateDefinition> old = forget(kamelets);
            Set<Object> kept = identities();
            try {
                add(file, fresh);
            } catch (Exception | Error e) {
                String reason = StartFailure.of(e, context).message();
                forget(kamelets);
                model.addRouteTemplateDefinitions(old);
                throw new ReloadException(reason + bringBack(file, before, kept), e);
            }
        }
    }

    private Set<Object> identities() {
        Set<Object> all = Collections.newSetFromMap(new IdentityHashMap<>());
        all.addAll(model.getRouteDefinitions());
        all.addAll(context.getEndpoints());
        return all;
    }

    /** Returns an empty text, or why it failed. */
    private String bringBack(Path file, byte @Nullable [] before, Set<Object> kept) {
        try {
            remove(file);
            removeAllBut(kept);
            if (before != null) {
                add(file, before);
            }
            return "";
        } catch (Exception | Error e) {
            return "; the old routes do not start again either, restart the node: "
                    + StartFailure.of(e, context).message();
        }
    }

    // ---- Removing

    private void remove(Path file) throws Exception {
        Set<String> ids = idsOf(file);
        RouteUse use = RouteUse.of(context, ids);
        Set<String> others = new HashSet<>();
        for (RouteDefinition route : model.getRouteDefinitions()) {
            if (!use.routes().containsKey(route.getRouteId()) && !isMadeByCamel(route)) {
                others.add(route.getRouteId());
            }
        }
        RouteUse kept = RouteUse.of(context, others);
        List<Route> going = new ArrayList<>(use.routes().values());
        going.removeIf(route -> kept.routes().containsKey(route.getId()));
        going.sort(Comparator.comparingInt(LiveRoutes::stopRank));
        drain.drain(going);
        for (Route route : going) {
            context.getRouteController().stopRoute(route.getId(), drainMax.toMillis(), TimeUnit.MILLISECONDS);
            context.removeRoute(route.getId());
        }
        for (Endpoint endpoint : use.endpoints()) {
            // A Kamelet's endpoint that other files share is removed too: they keep their reference to it, and the file
            // gets a new one. Otherwise an edited Kamelet would find the old endpoint.
            if (!kept.endpoints().contains(endpoint) || endpoint instanceof KameletEndpoint) {
                context.removeEndpoint(endpoint);
            }
        }
        removeDefinitions(file);
    }

    /**
     * First the routes that deliver, since their targets can take long and their changes wait in the ledger; then those that
     * receive or pull, so that senders are refused only for a moment; last the routes that the others call.
     */
    private static int stopRank(Route route) {
        String uri = route.getEndpoint().getEndpointUri();
        if (uri.startsWith("ledger:")) {
            return 0;
        }
        return RouteDrain.isNeededByOthers(route.getConsumer()) ? 2 : 1;
    }

    /** Removes what was made for routes that failed to start. */
    private void removeAllBut(Set<Object> kept) throws Exception {
        for (RouteDefinition route : List.copyOf(model.getRouteDefinitions())) {
            if (!kept.contains(route)) {
                model.removeRouteDefinition(route);
            }
        }
        for (Endpoint endpoint : List.copyOf(context.getEndpoints())) {
            if (!kept.contains(endpoint)) {
                context.removeEndpoint(endpoint);
            }
        }
    }

    /** Removes routes of the file that never started, and its REST, configuration and template definitions. */
    private void removeDefinitions(Path file) throws Exception {
        model.removeRouteDefinitions(definitionsOf(file));
        model.getRestDefinitions().removeIf(rest -> isOf(file, rest.getResource()));
        model.getRouteConfigurationDefinitions().removeIf(config -> isOf(file, config.getResource()));
        model.removeRouteTemplateDefinitions(model.getRouteTemplateDefinitions().stream()
                .filter(template -> isOf(file, template.getResource()))
                .toList());
    }

    /** Camel reads a Kamelet again once its template is removed. */
    private List<RouteTemplateDefinition> forget(Set<String> kamelets) throws Exception {
        List<RouteTemplateDefinition> known = model.getRouteTemplateDefinitions().stream()
                .filter(template -> kamelets.contains(template.getId()))
                .toList();
        model.removeRouteTemplateDefinitions(known);
        return known;
    }

    // ---- Adding

    /** Starts the targets of a flow before its sources. */
    private void add(Path file, byte[] content) throws Exception {
        Resource resource = ResourceHelper.fromBytes("file:" + file, content);
        Collection<RoutesBuilder> builders =
                PluginHelper.getRoutesLoader(context).findRoutesBuilders(List.of(resource));
        List<RouteDefinition> routes = new ArrayList<>();
        for (RoutesBuilder builder : builders) {
            RouteBuilder loaded = (RouteBuilder) builder;
            if (loaded instanceof RouteConfigurationsBuilder configurations) {
                configurations.addRouteConfigurationsToCamelContext(context);
            }
            loaded.prepareModel(context);
            routes.addAll(loaded.getRouteCollection().getRoutes());
        }
        routes.sort(Comparator.comparingInt(LiveRoutes::startRank));
        try {
            for (RouteDefinition route : routes) {
                kamelets.adding(route.getRouteId());
                model.addRouteDefinition(route);
            }
        } finally {
            kamelets.adding(null);
        }
    }

    private static int startRank(RouteDefinition route) {
        String uri = route.getInput().getEndpointUri();
        if (uri.startsWith("ledger:")) {
            return 0;
        }
        return uri.startsWith("direct:") || uri.startsWith("seda:") ? 1 : 2;
    }

    // ---- Files

    private List<RouteDefinition> definitionsOf(Path file) {
        return model.getRouteDefinitions().stream()
                .filter(route -> !isMadeByCamel(route) && isOf(file, route.getResource()))
                .toList();
    }

    /** Whether Camel made the route from a template or a Kamelet. */
    private static boolean isMadeByCamel(RouteDefinition route) {
        return Boolean.TRUE.equals(route.isTemplate());
    }

    private static boolean isOf(Path file, @Nullable Resource resource) {
        return resource != null && resource.getLocation().equals("file:" + file);
    }
}
