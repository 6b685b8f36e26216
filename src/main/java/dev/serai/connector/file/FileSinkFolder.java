package dev.serai.connector.file;

import dev.serai.text.LogText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * The folder for the files of a sink. File names may contain untrusted input; they cannot lead out of the folder.
 *
 * <p>Threads: safe.
 */
final class FileSinkFolder {
    private static final int PART_CHARS_MAX = 200;

    private final Path folder;

    /** Creates the folder if it is missing. */
    FileSinkFolder(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder).toRealPath();
    }

    /**
     * Resolves a file name and creates its subfolders. Throws {@link IllegalArgumentException} for a name that is empty or
     * absolute, has {@code .} or {@code ..} parts, colons, backslashes or control characters, or passes a symbolic link.
     */
    Path file(String name) throws IOException {
        String[] parts = name.split("/", -1);
        Path path = folder;
        for (int i = 0; i < parts.length; i++) {
            check(name, parts[i]);
            path = path.resolve(parts[i]);
            checkPlain(name, path, i == parts.length - 1);
        }
        Path parent = path.getParent();
        if (parent != null && !parent.equals(folder)) {
            Files.createDirectories(parent);
            if (!parent.toRealPath().equals(parent)) {
                throw refused(name, "it passes a symbolic link");
            }
        }
        return path;
    }

    private static void check(String name, String part) {
        if (part.isEmpty() || part.equals(".") || part.equals("..")) {
            throw refused(name, "it is empty, absolute or has an empty, . or .. part");
        }
        if (part.length() > PART_CHARS_MAX) {
            throw refused(name, "a part is longer than " + PART_CHARS_MAX + " characters");
        }
        if (part.chars().anyMatch(c -> c < ' ' || c == 0x7f || c == '\\' || c == ':')) {
            throw refused(name, "it has a control character, a backslash or a colon");
        }
    }

    private static void checkPlain(String name, Path path, boolean isFile) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        BasicFileAttributes found = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (isFile ? !found.isRegularFile() : !found.isDirectory()) {
            throw refused(name, path + " exists and is not a regular " + (isFile ? "file" : "folder"));
        }
    }

    private static IllegalArgumentException refused(String name, String why) {
        return new IllegalArgumentException("the file name \"" + LogText.of(name) + "\" is refused: " + why);
    }
}
