package dev.serai.node.reload;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.EndpointAware;
import org.apache.camel.Route;
import org.apache.camel.Service;
import org.apache.camel.component.kamelet.KameletEndpoint;
import org.apache.camel.support.service.ServiceHelper;

/**
 * What some routes use: the routes that Camel made for their Kamelets, theirs in turn, and all endpoints.
 *
 * @param routes by id, the given ones first
 * @param kamelets the names of their Kamelets
 */
record RouteUse(Map<String, Route> routes, Set<Endpoint> endpoints, Set<String> kamelets) {

    static RouteUse of(CamelContext context, Collection<String> routeIds) {
        RouteUse use = new RouteUse(new LinkedHashMap<>(), new LinkedHashSet<>(), new TreeSet<>());
        Deque<String> left = new ArrayDeque<>(routeIds);
        while (!left.isEmpty()) {
            String id = left.removeFirst();
            Route route = context.getRoute(id);
            if (route != null && use.routes.putIfAbsent(id, route) == null) {
                for (Endpoint endpoint : endpoints(route)) {
                    use.endpoints.add(endpoint);
                    if (endpoint instanceof KameletEndpoint kamelet) {
                        use.kamelets.add(kamelet.getTemplateId());
                        left.add(kamelet.getRouteId());
                    }
                }
            }
        }
        return use;
    }

    private static Set<Endpoint> endpoints(Route route) {
        Set<Endpoint> endpoints = new LinkedHashSet<>();
        endpoints.add(route.getEndpoint());
        for (Service service : route.getServices()) {
            for (Service child : ServiceHelper.getChildServices(service)) {
                if (child instanceof EndpointAware aware && aware.getEndpoint() != null) {
                    endpoints.add(aware.getEndpoint());
                }
            }
        }
        return endpoints;
    }
}
