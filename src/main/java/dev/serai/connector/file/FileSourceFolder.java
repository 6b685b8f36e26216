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
    private static final String REASON = ".reason.txt";

    private final Path folder;
    private final Path done;
    private final Path failed;
    private final Pattern include;
    private final Duration quiet;
    private final String doneFile;
    private final TimeSource time;
    private Map<String, Seen> looks = new HashMap<>();

    /**
     * What shows that a file was written or replaced.
     *
     * @param key tells files of one name apart; null if the file system has none
     */
    record Look(long size, Instant changedAt, @Nullable Object key) {}

    /** When a look was first seen, by the monotonic clock. */
    private record Seen(Look look, long atMillis) {}

    /**
     * Creates the folder if it is missing.
     *
     * @param done the folder for finished files; a relative path is inside the folder and must not lead out of it
     * @param include must match the whole name
     * @param quiet how long a file must be unchanged before it is read
     * @param doneFile the end of the name of an empty file beside each complete one; empty if there are none
     */
    FileSourceFolder(Path folder, String done, Pattern include, Duration quiet, String doneFile, TimeSource time)
            throws IOException {
        this.folder = Files.createDirectories(folder).toRealPath();
        this.done = inside(done);
        this.failed = inside(".failed");
        this.include = include;
        this.quiet = quiet;
        this.doneFile = doneFile;
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
        Map<String, Seen> seen = new HashMap<>();
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (isWanted(name) && isMarked(name) && isQuiet(name, seen)) {
                    names.add(name);
                }
            }
        }
        looks = seen;
        names.sort(null);
        return names;
    }

    private boolean isWanted(String name) {
        boolean marker = !doneFile.isEmpty() && name.endsWith(doneFile);
        return !name.startsWith(".") && !marker && include.matcher(name).matches();
    }

    /** Whether the file has its marker, if files need one. */
    boolean isMarked(String name) {
        return doneFile.isEmpty() || Files.exists(folder.resolve(name + doneFile), LinkOption.NOFOLLOW_LINKS);
    }

    /** Whether the file has not changed for a while; it need not be dated so if it was watched for that long. */
    boolean isQuiet(String name) throws IOException {
        return isQuiet(name, looks);
    }

    private boolean isQuiet(String name, Map<String, Seen> seen) throws IOException {
        Look look = look(name);
        if (look == null) {
            return false;
        }
        long nowMillis = time.monotonicMillis();
        Seen before = looks.get(name);
        Seen now = before != null && before.look.equals(look) ? before : new Seen(look, nowMillis);
        seen.put(name, now);
        boolean dated = !look.changedAt.plus(quiet).isAfter(time.instant());
        return dated || nowMillis - now.atMillis >= quiet.toMillis();
    }

    /** What the file is like now; null if there is no regular file of that name. */
    @Nullable Look look(String name) throws IOException {
        BasicFileAttributes file = attributes(name);
        return file == null
                ? null
                : new Look(file.size(), file.lastModifiedTime().toInstant(), file.fileKey());
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

    /** Creates a folder inside, for files of the source's own. */
    Path own(String name) throws IOException {
        return inside(name);
    }

    Path path(String name) {
        return folder.resolve(name);
    }

    /** Moves a file that was read to its end, and returns its new path. */
    Path finish(String name) throws IOException {
        return move(name, done);
    }

    /** Moves a file that cannot be read, writes the reason beside it, and returns its new path. */
    Path fail(String name, String reason) throws IOException {
        Path now = move(name, failed);
        Files.writeString(now.resolveSibling(now.getFileName() + REASON), time.instant() + " " + reason + "\n");
        return now;
    }

    /** The folder with files that cannot be read. */
    FailedFiles failedFiles() {
        return new FailedFiles(failed, REASON);
    }

    private Path move(String name, Path to) throws IOException {
        if (!doneFile.isEmpty()) { // first, so that it is never taken for that of a later file
            Files.deleteIfExists(folder.resolve(name + doneFile));
        }
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
