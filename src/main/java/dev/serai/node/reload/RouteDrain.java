package dev.serai.node.reload;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.Consumer;
import org.apache.camel.Route;
import org.apache.camel.Service;
import org.apache.camel.ShutdownRunningTask;
import org.apache.camel.Suspendable;
import org.apache.camel.spi.ShutdownAware;
import org.apache.camel.spi.ShutdownPrepared;
import org.apache.camel.support.service.ServiceHelper;
import org.jspecify.annotations.Nullable;

/**
 * Halts routes and waits until their exchanges are finished, before the routes are removed.
 *
 * <p>Stopping the routes would not do: Camel then checks only once a second, and an exchange that a schedule has just begun
 * would find its route gone.
 *
 * <p>Threads: one thread.
 */
final class RouteDrain {
    private static final Duration POLL = Duration.ofMillis(5);
    private static final Duration BEGIN_MAX = Duration.ofMillis(20);

    private final CamelContext context;
    private final Duration drainMax;

    RouteDrain(CamelContext context, Duration drainMax) {
        this.context = context;
        this.drainMax = drainMax;
    }

    /** Drains the routes in their order. If that takes too long, all of them run again and the reason is thrown. */
    void drain(List<Route> routes) throws Exception {
        List<Consumer> halted = new ArrayList<>();
        long end = System.nanoTime() + drainMax.toNanos();
        for (Route route : routes) {
            Consumer consumer = route.getConsumer();
            if (!isNeededByOthers(consumer)) {
                halt(consumer);
                halted.add(consumer);
            }
            if (!awaitDrained(route, end)) {
                halted.forEach(RouteDrain::resume);
                throw new ReloadException(
                        "route " + route.getId() + " is still at work after " + drainMax.toSeconds()
                                + " s; save the file again to try again",
                        null);
            }
        }
    }

    /** Whether other routes call this one, as with {@code direct:}. */
    static boolean isNeededByOthers(@Nullable Consumer consumer) {
        return consumer instanceof ShutdownAware aware
                && aware.deferShutdown(ShutdownRunningTask.CompleteCurrentTaskOnly);
    }

    private static void halt(Consumer consumer) throws InterruptedException {
        if (consumer instanceof Suspendable) {
            ServiceHelper.suspendService(consumer);
        } else {
            ServiceHelper.stopService(consumer);
            // An exchange that has just begun may not be counted yet.
            Thread.sleep(BEGIN_MAX.toMillis());
        }
    }

    private static void resume(Consumer consumer) {
        if (consumer instanceof Suspendable) {
            ServiceHelper.resumeService(consumer);
        } else {
            ServiceHelper.startService(consumer);
        }
    }

    private boolean awaitDrained(Route route, long end) throws InterruptedException {
        while (inProgress(route) > 0) {
            if (System.nanoTime() > end) {
                return false;
            }
            cutWaitsShort(route);
            Thread.sleep(POLL.toMillis());
        }
        return true;
    }

    /** Ends pauses, such as that of a pull whose source is down; called repeatedly, since another may have begun. */
    private static void cutWaitsShort(Route route) {
        if (route.getConsumer() instanceof ShutdownAware) {
            return;
        }
        for (Service service : route.getServices()) {
            for (Service child : ServiceHelper.getChildServices(service, true)) {
                if (child instanceof ShutdownPrepared pausing && !(child instanceof Consumer)) {
                    pausing.prepareShutdown(true, false);
                }
            }
        }
    }

    private int inProgress(Route route) {
        int counted = context.getInflightRepository().size(route.getId());
        return route.getConsumer() instanceof ShutdownAware aware ? counted + aware.getPendingExchangesSize() : counted;
    }
}
