package dev.serai.camel;

import java.util.HashMap;
import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.component.kamelet.KameletComponent;
import org.apache.camel.component.kamelet.KameletEndpoint;

/**
 * Camel's Kamelets, with {@code timeout} as a parameter that a Kamelet can have.
 *
 * <p>Camel keeps an option of this name for itself and never hands it on, so a sink's time-out would silently stay at its
 * default.
 */
public final class Kamelets extends KameletComponent {
    private static final String TIMEOUT = "timeout";

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        Object timeout = parameters.get(TIMEOUT);
        Endpoint endpoint = super.createEndpoint(uri, remaining, parameters);
        if (timeout != null && endpoint instanceof KameletEndpoint kamelet) {
            Map<String, Object> properties = new HashMap<>(kamelet.getKameletProperties());
            properties.put(TIMEOUT, timeout);
            kamelet.setKameletProperties(properties);
        }
        return endpoint;
    }
}
