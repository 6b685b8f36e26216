package dev.serai.reconcile;

import dev.serai.camel.FlowRoutes;
import dev.serai.camel.RouteFileStatus.RefusedFile;
import dev.serai.reconcile.ReconcileFileReader.BadFileException;
import dev.serai.text.LogText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reconcile files of a node: those that are in force, and those that are refused. A file that is saved with a mistake is refused, and
 * what was read before stays in force.
 *
 * <p>Threads: one looks, any reads.
 */
final class ReconcileFiles {
    private static final Logger LOG = LoggerFactory.getLogger(ReconcileFiles.class);

    private final CamelContext context;
    private final Supplier<List<Path>> files;
    private final InstantSource clock;
    private final Map<String, ReconcileFile> known = new ConcurrentHashMap<>();
    private final Map<Path, FileStamp> seen = new HashMap<>();
    private final Map<Path, RefusedFile> refused = new ConcurrentSkipListMap<>();
    /** The flows that kept no digests at the last look. */
    private volatile Set<String> undigested = Set.of();

    /** By this a change of a file is noticed. */
    private record FileStamp(FileTime modified, long size) {
        static @Nullable FileStamp of(Path file) {
            try {
                return new FileStamp(Files.getLastModifiedTime(file), Files.size(file));
            } catch (IOException e) {
                return null;
            }
        }
    }

    /** @param files those that there are now */
    ReconcileFiles(CamelContext context, Supplier<List<Path>> files, InstantSource clock) {
        this.context = context;
        this.files = files;
        this.clock = clock;
    }

    /** Those in force, by name. */
    Map<String, ReconcileFile> known() {
        return known;
    }

    Map<Path, RefusedFile> refused() {
        return refused;
    }

    /** The flows that keep no digests, so that they cannot be compared. */
    Set<String> undigested() {
        return undigested;
    }

    /** Reads the files that have changed. */
    void look() {
        lookAtFlows();
        lookAtFiles();
        refused.keySet().retainAll(files.get());
    }

    /** Forgets all; the next look reads them again. */
    void forget() {
        known.clear();
        seen.clear();
    }

    /** The mistakes in all files, each in a line with file and line; with routes also what those do not allow. */
    List<String> mistakes(boolean withRoutes) {
        List<String> mistakes = new ArrayList<>();
        Map<String, Path> names = new TreeMap<>();
        for (Path file : files.get()) {
            try {
                ReconcileFile read = ReconcileFileReader.read(file, context, withRoutes);
                Path other = names.put(read.name(), file);
                if (other != null) {
                    mistakes.add(sameName(file, other));
                }
            } catch (BadFileException e) {
                mistakes.addAll(String.valueOf(e.getMessage()).lines().toList());
            }
        }
        return mistakes;
    }

    /** Looks at all files again when other flows keep digests than before. */
    private void lookAtFlows() {
        @Nullable FlowRoutes routes = context.getRegistry().findSingleByType(FlowRoutes.class);
        Set<String> now = routes == null ? Set.of() : routes.withoutDigests().keySet();
        if (!now.equals(undigested)) {
            undigested = Set.copyOf(now);
            known.values().removeIf(file -> now.contains(file.target().flow()));
            seen.clear();
        }
    }

    private void lookAtFiles() {
        Map<String, Path> names = new HashMap<>();
        for (Path file : files.get()) {
            Path other = names.putIfAbsent(ReconcileFileReader.nameOf(file), file);
            FileStamp stamp = FileStamp.of(file);
            if (other != null) {
                refuse(file, sameName(file, other));
            } else if (stamp != null && !stamp.equals(seen.put(file, stamp))) {
                read(file);
            }
        }
        seen.keySet().retainAll(names.values());
        known.keySet().retainAll(names.keySet());
    }

    private static String sameName(Path file, Path other) {
        return file + ": " + other + " has the same name: give one of them another name";
    }

    private void read(Path file) {
        try {
            ReconcileFile read = ReconcileFileReader.read(file, context, true);
            known.put(read.name(), read);
            refused.remove(file);
        } catch (BadFileException e) {
            refuse(file, String.valueOf(e.getMessage()));
        }
    }

    private void refuse(Path file, String reason) {
        refuse(refused, file, reason, clock.instant());
    }

    /** Notes why a file is not in use, and since when for that reason. */
    static void refuse(Map<Path, RefusedFile> files, Path file, String reason, Instant now) {
        RefusedFile before = files.get(file);
        RefusedFile fresh = RefusedFile.of(file, reason, now).after(before);
        if (fresh != before) {
            files.put(file, fresh);
            LOG.warn("{}", LogText.of(reason));
        }
    }
}
