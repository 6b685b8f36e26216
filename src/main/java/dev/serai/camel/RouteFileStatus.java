package dev.serai.camel;

import java.time.Instant;
import java.util.List;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/**
 * Which route files of a Camel context could not be loaded when they were saved, so that something else runs than what they say.
 *
 * <p>Threads: safe.
 */
public final class RouteFileStatus {
    private volatile List<RefusedFile> refused = List.of();

    /**
     * A file that is not loaded as it is now.
     *
     * @param line where the fault is; null if that is not known
     * @param since when it was first refused with this reason
     */
    public record RefusedFile(String file, @Nullable Integer line, String reason, Instant since) {}

    private RouteFileStatus() {}

    /** The context's status. */
    public static RouteFileStatus of(CamelContext context) {
        synchronized (context) {
            RouteFileStatus known = context.getCamelContextExtension().getContextPlugin(RouteFileStatus.class);
            if (known == null) {
                known = new RouteFileStatus();
                context.getCamelContextExtension().addContextPlugin(RouteFileStatus.class, known);
            }
            return known;
        }
    }

    /** Replaces what is refused. */
    public void setRefused(List<RefusedFile> files) {
        refused = List.copyOf(files);
    }

    public List<RefusedFile> refused() {
        return refused;
    }

    /** How many of the users' routes are loaded; the routes inside Kamelets are not counted. */
    public static long loaded(CamelContext context) {
        return context.getRoutes().stream()
                .filter(route -> !route.isCreatedByKamelet())
                .count();
    }
}
