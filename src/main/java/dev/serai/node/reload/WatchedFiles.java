package dev.serai.node.reload;

import dev.serai.node.RouteFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds changes in a set of files.
 *
 * <p>It polls, since a watch on a folder misses the way in which some editors save, changed links, and network file systems. A
 * look costs one stat for each file; only changed files are read.
 *
 * <p>Threads: one thread at a time.
 */
final class WatchedFiles {
    private final Supplier<? extends Iterable<Path>> files;
    private Map<Path, Known> known = new TreeMap<>();
    private Map<Path, Stamp> lastLook;

    /** Differs once a file was written or replaced. */
    private record Stamp(
            FileTime modified, long size, @Nullable Object key) {}

    private record Known(Stamp stamp, byte[] content) {}

    /** Begins with the files as they are now. */
    WatchedFiles(Supplier<? extends Iterable<Path>> files) {
        this.files = files;
        this.lastLook = stamps();
        lastLook.forEach((file, stamp) -> read(file).ifPresent(content -> known.put(file, new Known(stamp, content))));
    }

    /** The contents as they are known. */
    Map<Path, byte[]> contents() {
        Map<Path, byte[]> contents = new TreeMap<>();
        known.forEach((file, one) -> contents.put(file, one.content()));
        return contents;
    }

    /**
     * The files that are new, changed or removed (then empty) since they were last returned. A file that changed since the
     * look before is left for the next one: its writer may not have finished.
     */
    Map<Path, Optional<byte[]>> look() {
        Map<Path, Stamp> now = stamps();
        Map<Path, Optional<byte[]>> changes = new TreeMap<>();
        // Known only once all are read: what one look does not tell, because a file cannot be read, the next one tells.
        Map<Path, Known> seen = new TreeMap<>(known);
        TreeSet<Path> all = new TreeSet<>(now.keySet());
        all.addAll(known.keySet());
        for (Path file : all) {
            Stamp stamp = now.get(file);
            boolean settled = stamp == null ? !lastLook.containsKey(file) : stamp.equals(lastLook.get(file));
            if (settled) {
                compare(file, stamp, seen, changes);
            }
        }
        known = seen;
        lastLook = now;
        return changes;
    }

    private void compare(Path file, @Nullable Stamp stamp, Map<Path, Known> seen, Map<Path, Optional<byte[]>> changes) {
        Known before = known.get(file);
        if (stamp == null) {
            seen.remove(file);
            changes.put(file, Optional.empty());
        } else if (before == null || !stamp.equals(before.stamp())) {
            read(file).ifPresent(content -> {
                seen.put(file, new Known(stamp, content));
                if (before == null || !Arrays.equals(content, before.content())) {
                    changes.put(file, Optional.of(content));
                }
            });
        }
    }

    private Map<Path, Stamp> stamps() {
        Map<Path, Stamp> stamps = new TreeMap<>();
        for (Path file : files.get()) {
            try {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                stamps.put(file, new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey()));
            } catch (NoSuchFileException e) {
                // removed while the folder was read
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return stamps;
    }

    /** Empty if it was removed in the meantime; the next look finds that. */
    private static Optional<byte[]> read(Path file) {
        try {
            // What is larger is refused when it is loaded.
            try (InputStream in = Files.newInputStream(file)) {
                return Optional.of(in.readNBytes((int) RouteFiles.BYTES_MAX + 1));
            }
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
