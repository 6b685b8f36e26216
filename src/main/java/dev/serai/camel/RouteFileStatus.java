package dev.serai.camel;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/**
 * Which files of the users could not be loaded when they were saved, so that something else runs than what they say.
 *
 * <p>Threads: safe.
 */
public final class RouteFileStatus {
    private final Map<String, List<RefusedFile>> refused = new ConcurrentSkipListMap<>();

    /**
     * A file that is not loaded as it is now.
     *
     * @param line where the fault is; null if that is not known
     * @param since when it was first refused with this reason
     */
    public record RefusedFile(String file, @Nullable Integer line, String reason, Instant since) {
        /** Finds the line in a reason that names it after the file, as {@code orders.yaml:7}. */
        public static RefusedFile of(Path file, String reason, Instant since) {
            Matcher place = Pattern.compile(Pattern.quote(String.valueOf(file.getFileName())) + ":(\\d{1,9})\\b")
                    .matcher(reason);
            return new RefusedFile(
                    file.toString(), place.find() ? Integer.valueOf(place.group(1)) : null, reason, since);
        }

        /** This, or what it was before if the reason is the same, so that it keeps its time. */
        public RefusedFile after(@Nullable RefusedFile before) {
            return before != null && before.reason().equals(reason) ? before : this;
        }
    }

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

    /**
     * Replaces what is refused of one kind of files.
     *
     * @param kind for example {@code routes}; each has one owner
     */
    public void setRefused(String kind, List<RefusedFile> files) {
        refused.put(kind, List.copyOf(files));
    }

    public List<RefusedFile> refused() {
        return refused.values().stream().flatMap(List::stream).toList();
    }

    /** How many of the users' routes are loaded; the routes inside Kamelets are not counted. */
    public static long loaded(CamelContext context) {
        return context.getRoutes().stream()
                .filter(route -> !route.isCreatedByKamelet())
                .count();
    }
}
