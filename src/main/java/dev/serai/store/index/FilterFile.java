package dev.serai.store.index;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A copy of a run's filter outside the heap: a file without a name that is mapped into memory, so that the system keeps of it
 * what there is room for.
 *
 * <p>It is made anew at each start. If it cannot be written, the filter is read from the database.
 *
 * <p>Threads: one thread, the writer; the mapped buffer is safe to read.
 */
final class FilterFile {
    private static final Logger LOG = LoggerFactory.getLogger(FilterFile.class);

    private @Nullable FileChannel channel;
    private final int sliceBytes;
    private final long bytes;

    /** @param folder where there is room for it; null for none */
    FilterFile(@Nullable Path folder, int slices, int sliceBytes) {
        this.sliceBytes = sliceBytes;
        this.bytes = (long) slices * sliceBytes;
        if (folder != null) {
            try {
                open(folder);
            } catch (IOException e) {
                giveUp(e);
            }
        }
    }

    private void open(Path folder) throws IOException {
        Path name = Files.createTempFile(folder, "ledger-", ".filter");
        channel = FileChannel.open(
                name, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        Files.deleteIfExists(name); // it has no name from now on, so that a crash leaves nothing
        write(ByteBuffer.allocate(1), bytes - 1);
    }

    /** Writes before it is mapped, because a full disk is an exception here and the end of the process there. */
    void write(int place, byte[] slice) {
        try {
            write(ByteBuffer.wrap(slice), (long) place * sliceBytes);
        } catch (IOException e) {
            giveUp(e);
        }
    }

    private void write(ByteBuffer part, long at) throws IOException {
        for (long to = at; channel != null && part.hasRemaining(); ) {
            to += channel.write(part, to);
        }
    }

    /** The slices one after the other, or null if they could not be written. */
    @Nullable LongBuffer map() {
        FileChannel written = channel;
        if (written == null) {
            return null;
        }
        try (written) {
            return written.map(FileChannel.MapMode.READ_ONLY, 0, bytes).asLongBuffer();
        } catch (IOException e) {
            giveUp(e);
            return null;
        }
    }

    private void giveUp(IOException e) {
        LOG.warn("A filter of the id index has no place outside the database, so accepts are slower: {}", e.toString());
        FileChannel broken = channel;
        channel = null;
        if (broken != null) {
            try {
                broken.close();
            } catch (IOException closing) {
                LOG.debug("The file of a filter could not be closed", closing);
            }
        }
    }
}
