package dev.serai.connector.pull;

import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.apache.camel.component.kamelet.KameletEndpoint;

/** Finds the user's route that has a Kamelet as its source. */
final class UsingRoute {
    private UsingRoute() {}

    /** @param exchange one of the Kamelet's own route */
    static Route of(Exchange exchange) {
        String own = exchange.getFromRouteId();
        for (Route route : exchange.getContext().getRoutes()) {
            if (route.getEndpoint() instanceof KameletEndpoint kamelet
                    && kamelet.getRouteId().equals(own)) {
                return route;
            }
        }
        throw new IllegalStateException("no route has this Kamelet as its source");
    }
}
