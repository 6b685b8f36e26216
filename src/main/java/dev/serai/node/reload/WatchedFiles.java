package dev.serai.node.reload;

import java.io.IOException;
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
 * Files whose content is looked at again and again.
 *
 * <p>Polled, since a watch on a folder misses some editors' way to save, links that are turned, and network file systems. A
 * look costs one stat a file; only what changed is read.
 *
 * <p>Threads: one thread at a time.
 */
final class WatchedFiles {
    private final Supplier<? extends Iterable<Path>> files;
    private Map<Path, Known> known = new TreeMap<>();
    private Map<Path, Stamp> lastLook;

    /** What tells that a file was written or put in another's place. */
    private record Stamp(
            FileTime modified, long size, @Nullable Object key) {}

    private record Known(Stamp stamp, byte[] content) {}

    /** Takes the files as they are now for known. */
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
     * What came, changed or went (then it is empty) since it was last told. A file that changed since the look before is
     * left for the next: whoever writes it may not be done.
     */
    Map<Path, Optional<byte[]>> look() {
        Map<Path, Stamp> now = stamps();
        Map<Path, Optional<byte[]>> changes = new TreeMap<>();
        // Known only once all are read: what one look does not tell, because a file cannot be read, the next one tells.
        Map<Path, Known> told = new TreeMap<>(known);
        TreeSet<Path> all = new TreeSet<>(now.keySet());
        all.addAll(known.keySet());
        for (Path file : all) {
            Stamp stamp = now.get(file);
            boolean atRest = stamp == null ? !lastLook.containsKey(file) : stamp.equals(lastLook.get(file));
            if (atRest) {
                tell(file, stamp, told, changes);
            }
        }
        known = told;
        lastLook = now;
        return changes;
    }

    private void tell(Path file, @Nullable Stamp stamp, Map<Path, Known> told, Map<Path, Optional<byte[]>> changes) {
        Known before = known.get(file);
        if (stamp == null) {
            told.remove(file);
            changes.put(file, Optional.empty());
        } else if (before == null || !stamp.equals(before.stamp())) {
            read(file).ifPresent(content -> {
                told.put(file, new Known(stamp, content));
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
                // went while the folder was read
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return stamps;
    }

    /** Empty if it went in the meantime; the next look tells. */
    private static Optional<byte[]> read(Path file) {
        try {
            return Optional.of(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
