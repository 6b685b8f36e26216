package dev.serai.camel;

import org.apache.camel.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * Tries the endpoints of a component, for {@code check --live}. Found with {@link java.util.ServiceLoader}.
 *
 * <p>Threads: safe.
 */
public interface EndpointCheck {
    /**
     * How to try an endpoint; null if it belongs to another component.
     *
     * @param isSource whether the route begins there
     */
    @Nullable LiveCheck of(Endpoint endpoint, boolean isSource);
}
