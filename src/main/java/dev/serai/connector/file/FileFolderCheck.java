package dev.serai.connector.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Looks at a folder that a Kamelet will use, without creating it. */
final class FileFolderCheck {
    private FileFolderCheck() {}

    /** What is there; throws if it cannot be used, with what to do. */
    static String of(Path directory) throws IOException {
        Path there = directory.toAbsolutePath();
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        if (!Files.isDirectory(there)) {
            throw new IOException(there + " is a file, not a folder: correct directory");
        }
        if (!Files.isReadable(there) || !Files.isWritable(there) || !Files.isExecutable(there)) {
            throw new IOException(
                    "this user may not read and write in " + there + ": give the right, or correct directory");
        }
        return there.equals(directory.toAbsolutePath())
                ? "the folder can be read and written"
                : "the folder does not exist and is created at the start";
    }
}
