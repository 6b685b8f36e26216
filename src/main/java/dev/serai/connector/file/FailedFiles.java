package dev.serai.connector.file;

import dev.serai.text.LogText;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/**
 * The folder of the files that a source could not read, each with a file beside it that says why. They are told of until
 * somebody moves or deletes them.
 *
 * <p>Threads: one thread at a time.
 */
final class FailedFiles {
    private static final int COUNT_MAX = 10_000;
    private static final int REASON_CHARS_MAX = 300;

    private final Path folder;
    private final String reasonEnd;
    private @Nullable FileTime lookedAt;
    private @Nullable String text;

    /** @param reasonEnd what the name of a file with a reason has behind that of the file it is about */
    FailedFiles(Path folder, String reasonEnd) {
        this.folder = folder;
        this.reasonEnd = reasonEnd;
    }

    /** One line about them; null if there are none. The folder is read again only after it has changed. */
    @Nullable String text() {
        try {
            FileTime changed = Files.getLastModifiedTime(folder);
            if (!changed.equals(lookedAt)) {
                text = read();
                boolean isSettled =
                        System.currentTimeMillis() - changed.toMillis() > 2_000; // coarse clocks of file systems
                lookedAt = isSettled ? changed : null;
            }
        } catch (IOException e) {
            lookedAt = null;
            text = "the folder " + folder + " cannot be read: " + LogText.of(e.getMessage());
        }
        return text;
    }

    private @Nullable String read() throws IOException {
        int count = 0;
        String latest = "";
        FileTime latestAt = FileTime.fromMillis(Long.MIN_VALUE);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (name.endsWith(reasonEnd) || name.startsWith(".") || count == COUNT_MAX) {
                    continue;
                }
                count++;
                Path reason = file.resolveSibling(name + reasonEnd);
                FileTime at = Files.getLastModifiedTime(Files.exists(reason) ? reason : file);
                if (at.compareTo(latestAt) > 0) {
                    latestAt = at;
                    latest = name;
                }
            }
        }
        if (count == 0) {
            return null;
        }
        String files = count == 1 ? "1 file is" : (count == COUNT_MAX ? "at least " : "") + count + " files are";
        return files + " in " + folder + ", the latest " + LogText.of(latest) + ": " + reason(latest)
                + " (mend and move it back, or delete it)";
    }

    private String reason(String name) throws IOException {
        Path file = folder.resolve(name + reasonEnd);
        if (!Files.isRegularFile(file)) {
            return "there is no reason beside it";
        }
        String line = Files.readString(file);
        return LogText.line(line.substring(line.indexOf(' ') + 1), REASON_CHARS_MAX);
    }
}
