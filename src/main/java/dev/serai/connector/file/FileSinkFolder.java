package dev.serai.connector.file;

import dev.serai.text.LogText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * The folder that files are written in. Names may come from what outsiders send, and never lead out of it.
 *
 * <p>Threads: safe.
 */
final class FileSinkFolder {
    private static final int PART_CHARS_MAX = 200;

    private final Path folder;

    /** A folder, which is created if it is not there. */
    FileSinkFolder(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder).toRealPath();
    }

    /**
     * The file of a name, with its subfolders created. Throws {@link IllegalArgumentException} for a name that is none:
     * empty, absolute, with {@code .} or {@code ..}, backslashes or control characters, or over a link.
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
                throw refused(name, "it goes over a link");
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
            throw refused(name, path + " exists and is not a plain " + (isFile ? "file" : "folder"));
        }
    }

    private static IllegalArgumentException refused(String name, String why) {
        return new IllegalArgumentException("the file name \"" + LogText.of(name) + "\" is refused: " + why);
    }
}
