package dev.serai.connector.file;

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
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The folder that files are taken from: plain files right in it, no links, none that begin with a dot. A finished file moves
 * to another folder and never replaces one there.
 *
 * <p>Threads: for one.
 */
final class FileSourceFolder {
    private final Path folder;
    private final Path done;
    private final Path failed;
    private final Pattern include;
    private final Duration quiet;
    private final InstantSource clock;
    private Map<String, Look> looks = new HashMap<>();

    /** What a file was like when it was first seen so. */
    private record Look(long size, Instant changedAt, Instant seenAt) {}

    /**
     * A folder, which is created if it is not there.
     *
     * @param done where finished files go; a relative path is in the folder and must not lead out of it
     * @param include what the names match as a whole
     * @param quiet how long a file must not have changed before it is taken
     */
    FileSourceFolder(Path folder, String done, Pattern include, Duration quiet, InstantSource clock)
            throws IOException {
        this.folder = Files.createDirectories(folder).toRealPath();
        this.done = inside(done);
        this.failed = inside(".failed");
        this.include = include;
        this.quiet = quiet;
        this.clock = clock;
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

    /** The names of the files that can be taken now, in their order. */
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

    /** Whether the file has not changed for a while; a file dated in the future is watched for that long. */
    boolean isQuiet(String name) throws IOException {
        return isQuiet(name, looks);
    }

    private boolean isQuiet(String name, Map<String, Look> seen) throws IOException {
        BasicFileAttributes file = attributes(name);
        if (file == null) {
            return false;
        }
        Instant now = clock.instant();
        Instant changedAt = file.lastModifiedTime().toInstant();
        Look before = looks.get(name);
        Look look = new Look(file.size(), changedAt, now);
        if (before != null && before.size == look.size && before.changedAt.equals(changedAt)) {
            look = before;
        }
        seen.put(name, look);
        Instant since = changedAt.isAfter(now) ? look.seenAt : changedAt;
        return !since.plus(quiet).isAfter(now);
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

    /** Whether a plain file of that name is right in the folder. */
    boolean has(String name) throws IOException {
        boolean plain =
                !name.isEmpty() && name.indexOf('\0') < 0 && Path.of(name).getNameCount() == 1;
        return plain && folder.equals(folder.resolve(name).getParent()) && attributes(name) != null;
    }

    Path path(String name) {
        return folder.resolve(name);
    }

    /** Puts a file that is read to its end out of the way, and says where it is now. */
    Path finish(String name) throws IOException {
        return move(name, done);
    }

    /** Puts a file that cannot be read at all out of the way, and says where it is now. */
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
