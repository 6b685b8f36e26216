package dev.serai.connector.file;

import dev.serai.connector.pull.PullException;
import dev.serai.connector.record.RecordFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The file that a source reads now, for as long as it does not change: hashes of its content, and its content if it is packed.
 *
 * <p>Threads: one thread.
 */
final class CurrentFile {
    private final Path file;
    private final FileSourceFolder.Look look;
    private final Path unpacked;
    private final FileContent content = new FileContent();
    private boolean ready;

    /** @param unpackedFolder where the content of a packed file is kept while it is read */
    CurrentFile(Path file, FileSourceFolder.Look look, Path unpackedFolder) {
        this.file = file;
        this.look = look;
        this.unpacked = unpackedFolder.resolve(file.getFileName());
    }

    boolean is(String name, FileSourceFolder.Look now) {
        return file.getFileName().toString().equals(name) && look.equals(now);
    }

    /** @param unpackedBytesMax how large the content of a packed file may be */
    FileSourceFile open(RecordFormat format, int recordBytesMax, long unpackedBytesMax)
            throws IOException, PullException {
        String name = file.getFileName().toString();
        Path readable = file;
        if (PackedFile.is(name)) {
            if (!ready) {
                PackedFile.unpack(file, unpacked, unpackedBytesMax);
                ready = true;
            }
            readable = unpacked;
        }
        return new FileSourceFile(readable, name, format, recordBytesMax, content);
    }

    /** Removes what was unpacked. */
    void close() throws IOException {
        Files.deleteIfExists(unpacked);
    }
}
