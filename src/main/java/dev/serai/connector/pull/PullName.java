package dev.serai.connector.pull;

import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.apache.camel.component.kamelet.KameletEndpoint;

/** The name of a pull, under which its cursor is kept. */
public final class PullName {

    private PullName() {}

    /** The id of the route that uses the Kamelet, or of the exchange's own route if none does. */
    public static String of(Exchange exchange) {
        String own = exchange.getFromRouteId();
        if (own == null) {
            throw new IllegalStateException("the pull runs outside of a route: give it a name");
        }
        for (Route route : exchange.getContext().getRoutes()) {
            if (route.getEndpoint() instanceof KameletEndpoint kamelet
                    && kamelet.getRouteId().equals(own)) {
                return route.getRouteId();
            }
        }
        return own;
    }
}
