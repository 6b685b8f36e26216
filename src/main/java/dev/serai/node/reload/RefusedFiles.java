package dev.serai.node.reload;

import dev.serai.camel.RouteFileStatus;
import dev.serai.camel.RouteFileStatus.RefusedFile;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which files could not be loaded, and since when, for status.
 *
 * <p>Threads: one.
 */
final class RefusedFiles {
    private static final String KIND = "routes";

    private final RouteFileStatus status;
    private final Clock clock;
    private final Map<Path, RefusedFile> files = new TreeMap<>();
    private @Nullable RefusedFile trouble;

    RefusedFiles(RouteFileStatus status, Clock clock) {
        this.status = status;
        this.clock = clock;
    }

    /**
     * Replaces all files. A file that is refused for the same reason as before keeps its time.
     *
     * @return the others
     */
    Set<Path> set(Map<Path, String> reasons) {
        Map<Path, RefusedFile> before = Map.copyOf(files);
        files.keySet().retainAll(reasons.keySet());
        reasons.forEach((file, reason) ->
                files.put(file, RefusedFile.of(file, reason, clock.instant()).after(files.get(file))));
        publish();
        Set<Path> fresh = new TreeSet<>(reasons.keySet());
        fresh.removeIf(file -> files.get(file) == before.get(file));
        return fresh;
    }

    /**
     * Says that the files cannot be looked at.
     *
     * @param reason null if they can again
     */
    void setTrouble(String files, @Nullable String reason) {
        if (reason == null && trouble == null) {
            return;
        }
        Instant since = trouble != null ? trouble.since() : clock.instant();
        trouble = reason == null ? null : new RefusedFile(files, null, reason, since);
        publish();
    }

    private void publish() {
        List<RefusedFile> all = new ArrayList<>(files.values());
        if (trouble != null) {
            all.add(0, trouble);
        }
        status.setRefused(KIND, all);
    }
}
