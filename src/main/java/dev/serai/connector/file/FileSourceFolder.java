package dev.serai.connector.file;

import dev.serai.ledger.time.TimeSource;
import dev.serai.text.LogText;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The folder whose files a source reads. Links, subfolders and names that begin with a dot are ignored. A finished file is
 * moved to another folder and never replaces a file there.
 *
 * <p>Threads: one thread.
 */
final class FileSourceFolder {
    private final Path folder;
    private final Path done;
    private final Path failed;
    private final Pattern include;
    private final Duration quiet;
    private final TimeSource time;
    private Map<String, Look> looks = new HashMap<>();

    /** What a file was like when it was first seen so, by the monotonic clock. */
    private record Look(long size, Instant changedAt, long seenAtMillis) {}

    /**
     * Creates the folder if it is missing.
     *
     * @param done the folder for finished files; a relative path is inside the folder and must not lead out of it
     * @param include must match the whole name
     * @param quiet how long a file must be unchanged before it is read
     */
    FileSourceFolder(Path folder, String done, Pattern include, Duration quiet, TimeSource time) throws IOException {
        this.folder = Files.createDirectories(folder).toRealPath();
        this.done = inside(done);
        this.failed = inside(".failed");
        this.include = include;
        this.quiet = quiet;
        this.time = time;
    }

    private Path inside(String name) throws IOException {
        Path path = folder.resolve(name).normalize();
        boolean relative = !Path.of(name).isAbsolute();
        if (relative && (!path.startsWith(folder) || path.equals(folder))) {
            throw new IllegalArgumentException(
                    "the folder for finished files leads out of " + folder + ": " + LogText.of(name));
        }
        Path real = Files.createDirectories(path).toRealPath();
        if (relative && !real.startsWith(folder)) {
            throw new IllegalArgumentException(path + " is a link that leads out of " + folder + ": remove it");
        }
        return real;
    }

    /** The names of the files that can be read now, sorted. */
    List<String> ready() throws IOException {
        Map<String, Look> seen = new HashMap<>();
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (!name.startsWith(".") && include.matcher(name).matches() && isQuiet(name, seen)) {
                    names.add(name);
                }
            }
        }
        looks = seen;
        names.sort(null);
        return names;
    }

    /** Whether the file has not changed for a while; it need not be dated so if it was watched for that long. */
    boolean isQuiet(String name) throws IOException {
        return isQuiet(name, looks);
    }

    private boolean isQuiet(String name, Map<String, Look> seen) throws IOException {
        BasicFileAttributes file = attributes(name);
        if (file == null) {
            return false;
        }
        long nowMillis = time.monotonicMillis();
        Instant changedAt = file.lastModifiedTime().toInstant();
        Look before = looks.get(name);
        Look look = new Look(file.size(), changedAt, nowMillis);
        if (before != null && before.size == look.size && before.changedAt.equals(changedAt)) {
            look = before;
        }
        seen.put(name, look);
        boolean dated = !changedAt.plus(quiet).isAfter(time.instant());
        return dated || nowMillis - look.seenAtMillis >= quiet.toMillis();
    }

    private @Nullable BasicFileAttributes attributes(String name) throws IOException {
        try {
            BasicFileAttributes file =
                    Files.readAttributes(folder.resolve(name), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return file.isRegularFile() ? file : null;
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /** Whether the folder contains a regular file of that name. */
    boolean has(String name) throws IOException {
        boolean plain =
                !name.isEmpty() && name.indexOf('\0') < 0 && Path.of(name).getNameCount() == 1;
        return plain && folder.equals(folder.resolve(name).getParent()) && attributes(name) != null;
    }

    Path path(String name) {
        return folder.resolve(name);
    }

    /** Moves a file that was read to its end, and returns its new path. */
    Path finish(String name) throws IOException {
        return move(name, done);
    }

    /** Moves a file that cannot be read, and returns its new path. */
    Path fail(String name) throws IOException {
        return move(name, failed);
    }

    private Path move(String name, Path to) throws IOException {
        for (int i = 0; ; i++) {
            Path target = to.resolve(i == 0 ? name : name + "." + i);
            try {
                return Files.move(folder.resolve(name), target);
            } catch (FileAlreadyExistsException e) { // the next number may be free
                if (i == 99_999) {
                    throw e;
                }
            }
        }
    }
}
