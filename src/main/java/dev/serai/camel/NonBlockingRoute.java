package dev.serai.camel;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Navigate;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.component.kamelet.KameletEndpoint;
import org.apache.camel.impl.engine.CamelInternalProcessor;
import org.apache.camel.impl.engine.DefaultChannel;
import org.apache.camel.processor.Pipeline;
import org.apache.camel.processor.SendProcessor;
import org.apache.camel.processor.errorhandler.DefaultErrorHandler;
import org.apache.camel.processor.errorhandler.NoErrorHandler;
import org.apache.camel.support.processor.DelegateSyncProcessor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out whether a route, with the Kamelets in it, consists of steps that never block. Then it needs no thread of its own.
 *
 * <p>Only what is known not to block counts: {@link NonBlockingStep}, and Camel's own parts that pass exchanges from one to
 * the next. A step of a user's own, a redelivery or an {@code onException} makes a route one that may block.
 *
 * <p>Threads: one thread.
 */
public final class NonBlockingRoute {
    private static final Logger LOG = LoggerFactory.getLogger(NonBlockingRoute.class);

    private final CamelContext context;
    private final String routeId;
    private final Set<String> seen = new HashSet<>();
    private boolean isNonBlocking;
    private @Nullable Executor eventLoop;

    /** Looks at a route once it and those that it calls are started. */
    public NonBlockingRoute(CamelContext context, Route route) {
        this.context = context;
        this.routeId = route.getId();
        this.isNonBlocking = ofRoute(route);
    }

    /** Whether it never blocks. */
    public boolean isNonBlocking() {
        return isNonBlocking;
    }

    /** The event loop of the first step that has one; null if none has, or if the route may block. */
    public @Nullable Executor eventLoop() {
        return isNonBlocking ? eventLoop : null;
    }

    private boolean ofRoute(@Nullable Route route) {
        return route != null
                && seen.add(route.getId())
                && route.getOnExceptions().isEmpty()
                && route.getOnCompletions().isEmpty()
                && ofProcessor(route.getProcessor());
    }

    private boolean ofProcessor(@Nullable Processor processor) {
        if (processor instanceof NonBlockingStep step) {
            return ofStep(step);
        }
        if (processor instanceof DelegateSyncProcessor delegate) {
            return ofProcessor(delegate.getProcessor());
        }
        if (processor instanceof SendProcessor send) {
            return ofEndpoint(send.getEndpoint());
        }
        if (processor instanceof DefaultChannel channel) {
            return isWithoutRedelivery(channel.getErrorHandler()) && ofProcessor(channel.getNextProcessor());
        }
        if (processor instanceof CamelInternalProcessor wrapper) {
            return ofProcessor(wrapper.getProcessor());
        }
        if (processor instanceof Pipeline pipeline) {
            return areAll(pipeline);
        }
        LOG.debug("{} may block: {}", routeId, processor);
        return false;
    }

    private boolean areAll(Navigate<Processor> steps) {
        List<Processor> next = steps.next();
        return next == null || next.stream().allMatch(this::ofProcessor);
    }

    private boolean ofEndpoint(Endpoint endpoint) {
        if (endpoint instanceof NonBlockingStep step) {
            return ofStep(step);
        }
        if (endpoint instanceof KameletEndpoint kamelet) {
            return ofKamelet(kamelet);
        }
        LOG.debug("{} may block: {}", routeId, endpoint);
        return false;
    }

    /** {@code kamelet:sink} goes from a source to the user's route, and ends the route of a sink. */
    private boolean ofKamelet(KameletEndpoint kamelet) {
        boolean isEnd = isNamed(kamelet, "sink");
        for (Route route : context.getRoutes()) {
            if (route.getEndpoint() instanceof KameletEndpoint from
                    && from.getRouteId().equals(kamelet.getRouteId())
                    && isNamed(from, "source") != isEnd) {
                return ofRoute(route);
            }
        }
        return isEnd && isSink(context.getRoute(kamelet.getRouteId()));
    }

    /** Whether the Kamelet of this route is a sink; behind a source there is a route, and it is not known if it is not found. */
    private static boolean isSink(@Nullable Route route) {
        return route != null && route.getEndpoint() instanceof KameletEndpoint from && isNamed(from, "source");
    }

    /** The ends of a Kamelet's route have the names of no Kamelet. */
    private static boolean isNamed(KameletEndpoint endpoint, String name) {
        return endpoint.getEndpointUri().startsWith("kamelet://" + name + "?");
    }

    private boolean ofStep(NonBlockingStep step) {
        if (eventLoop == null) {
            eventLoop = step.eventLoop();
        }
        return step.isNonBlocking();
    }

    private static boolean isWithoutRedelivery(@Nullable Processor errorHandler) {
        try {
            return errorHandler == null
                    || errorHandler instanceof NoErrorHandler
                    || (errorHandler instanceof DefaultErrorHandler handler
                            && handler.getDeadLetter() == null
                            && !handler.determineIfRedeliveryIsEnabled());
        } catch (Exception e) {
            return false;
        }
    }
}
