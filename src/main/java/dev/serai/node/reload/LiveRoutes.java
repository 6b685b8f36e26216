package dev.serai.node.reload;

import dev.serai.camel.http.FlowServer;
import dev.serai.node.Node;
import dev.serai.node.SeraiKamelets;
import dev.serai.node.StartFailure;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Route;
import org.apache.camel.RouteConfigurationsBuilder;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.Service;
import org.apache.camel.ShutdownRunningTask;
import org.apache.camel.Suspendable;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.kamelet.KameletEndpoint;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteTemplateDefinition;
import org.apache.camel.spi.Resource;
import org.apache.camel.spi.ShutdownAware;
import org.apache.camel.spi.ShutdownPrepared;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.support.service.ServiceHelper;
import org.jspecify.annotations.Nullable;

/**
 * The routes of a running node, file by file: puts a file's routes in the place of those it had before, while all others run.
 *
 * <p>Camel's own reload leaves the routes and endpoints that it made for the file's SeraiKamelets, and keeps the SeraiKamelets
 * themselves as they were first read. A new route then finds the old endpoint under its address, and with it the old routes.
 * So what only this file used goes with it, and SeraiKamelets are read anew.
 *
 * <p>NamedThreads: used by one.
 */
public final class LiveRoutes {
    private static final Duration REST_POLL = Duration.ofMillis(5);
    private static final Duration BEGIN_MAX = Duration.ofMillis(20);

    private final CamelContext context;
    private final Model model;
    private final FlowServer server;
    private final SeraiKamelets kamelets;
    private final Duration restMax;

    /**
     * The routes of a started node.
     *
     * @param restMax how long what is on its way may take before a replacement is given up
     */
    public LiveRoutes(Node node, Duration restMax) {
        this.context = node.context();
        this.model = Node.model(context);
        this.server = node.flowServer();
        this.kamelets = node.kamelets();
        this.restMax = restMax;
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

    /** The names of the SeraiKamelets that a file's routes use, those inside SeraiKamelets included. */
    Set<String> kameletsOf(Path file) {
        return RouteUse.of(context, idsOf(file)).kamelets();
    }

    /**
     * Puts the routes of the new content in the place of the file's routes. What is on its way finishes first; if that takes
     * too long, or a new route does not start, the file's old routes run on and the reason is thrown.
     *
     * @param fresh null to leave none
     * @param before what the file's routes were loaded from, null if it had none
     * @param kamelets what the new routes use, to be read anew
     */
    void replace(Path file, byte @Nullable [] fresh, byte @Nullable [] before, Set<String> kamelets) throws Exception {
        try (FlowServer.Replacement replacement = server.replaceRoutes()) {
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

    /** Nothing to say if it succeeds. */
    private String bringBack(Path file, byte @Nullable [] before, Set<Object> kept) {
        try {
            remove(file);
            removeAllBut(kept);
            if (before != null) {
                add(file, before);
            }
            return "";
        } catch (Exception | Error e) {
            return "; and the old routes do not start again, restart the node: "
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
        bringToRest(going);
        for (Route route : going) {
            context.getRouteController().stopRoute(route.getId(), restMax.toMillis(), TimeUnit.MILLISECONDS);
            context.removeRoute(route.getId());
        }
        for (Endpoint endpoint : use.endpoints()) {
            // Of a Kamelet that others use in the same way, they keep theirs, and the file gets one of its own: else an
            // edited
            // Kamelet would find the old endpoint as long as any of them has it.
            if (!kept.endpoints().contains(endpoint) || endpoint instanceof KameletEndpoint) {
                context.removeEndpoint(endpoint);
            }
        }
        removeDefinitions(file);
    }

    /**
     * First those that deliver, whose targets can take long and whose changes wait in the ledger; then those that receive or
     * pull, so that their senders are turned away only for a moment; last what the others need for what is on its way.
     */
    private static int stopRank(Route route) {
        String uri = route.getEndpoint().getEndpointUri();
        if (uri.startsWith("ledger:")) {
            return 0;
        }
        return isNeededByOthers(route.getConsumer()) ? 2 : 1;
    }

    private static boolean isNeededByOthers(@Nullable Consumer consumer) {
        return consumer instanceof ShutdownAware aware
                && aware.deferShutdown(ShutdownRunningTask.CompleteCurrentTaskOnly);
    }

    /**
     * Lets nothing new in, and waits for what is on its way; if that takes too long, all is as before. Not by stopping the
     * routes, since Camel then looks only once a second, and what a schedule has just begun would find its route gone.
     */
    private void bringToRest(List<Route> routes) throws Exception {
        List<Consumer> halted = new ArrayList<>();
        long end = System.nanoTime() + restMax.toNanos();
        for (Route route : routes) {
            Consumer consumer = route.getConsumer();
            if (!isNeededByOthers(consumer)) {
                halt(consumer);
                halted.add(consumer);
            }
            if (!awaitRest(route, end)) {
                halted.forEach(LiveRoutes::goOn);
                throw new ReloadException(
                        "route " + route.getId() + " is still at work after " + restMax.toSeconds()
                                + " s; save the file again to try again",
                        null);
            }
        }
    }

    private static void halt(Consumer consumer) throws InterruptedException {
        if (consumer instanceof Suspendable) {
            ServiceHelper.suspendService(consumer);
        } else {
            ServiceHelper.stopService(consumer);
            // What it has just begun may not be counted yet.
            Thread.sleep(BEGIN_MAX.toMillis());
        }
    }

    private static void goOn(Consumer consumer) {
        if (consumer instanceof Suspendable) {
            ServiceHelper.resumeService(consumer);
        } else {
            ServiceHelper.startService(consumer);
        }
    }

    private boolean awaitRest(Route route, long end) throws InterruptedException {
        while (onTheirWay(route) > 0) {
            if (System.nanoTime() > end) {
                return false;
            }
            cutWaitsShort(route);
            Thread.sleep(REST_POLL.toMillis());
        }
        return true;
    }

    /** Ends what only waits, as a pull does for a source that is down; again and again, for it may have begun since. */
    private static void cutWaitsShort(Route route) {
        if (route.getConsumer() instanceof ShutdownAware) {
            return;
        }
        for (Service service : route.getServices()) {
            for (Service child : ServiceHelper.getChildServices(service, true)) {
                if (child instanceof ShutdownPrepared waiting && !(child instanceof Consumer)) {
                    waiting.prepareShutdown(true, false);
                }
            }
        }
    }

    private int onTheirWay(Route route) {
        int counted = context.getInflightRepository().size(route.getId());
        return route.getConsumer() instanceof ShutdownAware aware ? counted + aware.getPendingExchangesSize() : counted;
    }

    /** What was made for a route that then was not made itself belongs to nobody. */
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

    /** What is left of the file: routes that never started, and what stands beside routes. */
    private void removeDefinitions(Path file) throws Exception {
        model.removeRouteDefinitions(definitionsOf(file));
        model.getRestDefinitions().removeIf(rest -> isOf(file, rest.getResource()));
        model.getRouteConfigurationDefinitions().removeIf(config -> isOf(file, config.getResource()));
        model.removeRouteTemplateDefinitions(model.getRouteTemplateDefinitions().stream()
                .filter(template -> isOf(file, template.getResource()))
                .toList());
    }

    /** Camel reads a Kamelet that it does not know. */
    private List<RouteTemplateDefinition> forget(Set<String> kamelets) throws Exception {
        List<RouteTemplateDefinition> known = model.getRouteTemplateDefinitions().stream()
                .filter(template -> kamelets.contains(template.getId()))
                .toList();
        model.removeRouteTemplateDefinitions(known);
        return known;
    }

    // ---- Adding

    /** In an order in which every target of a flow is known before its sources start. */
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

    // ---- Who is whose

    private List<RouteDefinition> definitionsOf(Path file) {
        return model.getRouteDefinitions().stream()
                .filter(route -> !isMadeByCamel(route) && isOf(file, route.getResource()))
                .toList();
    }

    /** Of a template or a Kamelet. */
    private static boolean isMadeByCamel(RouteDefinition route) {
        return Boolean.TRUE.equals(route.isTemplate());
    }

    private static boolean isOf(Path file, @Nullable Resource resource) {
        return resource != null && resource.getLocation().equals("file:" + file);
    }
}
