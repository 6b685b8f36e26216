package dev.serai.connector.file;

import dev.serai.connector.pull.PullException;
import dev.serai.connector.record.RecordColumns;
import dev.serai.connector.record.RecordReader;
import dev.serai.text.JsonText;
import dev.serai.text.LogText;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file to which lines are appended, locked by this process. Concurrent callers share an fsync.
 *
 * <p>Opening it removes an incomplete last line that a crash left: its change was not counted as delivered and is sent again.
 *
 * <p>Threads: safe.
 */
final class FileSinkFile implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(FileSinkFile.class);

    private final Path path;
    private final FileChannel channel;
    private final @Nullable Object fileKey;
    private final Object syncing = new Object();
    private long written;
    private long synced;
    private boolean failed;
    private boolean rotated;
    private Instant lastLine;
    private List<String> columns = List.of();

    /** Opens a file of JSON lines or CSV; creates it if it is missing. */
    FileSinkFile(Path path, boolean csv) throws IOException {
        this.path = path;
        boolean isNew = !Files.exists(path, LinkOption.NOFOLLOW_LINKS);
        channel = FileChannel.open(
                path,
                Set.of(
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        LinkOption.NOFOLLOW_LINKS));
        try {
            lock();
            fileKey = attributes().fileKey();
            repair(csv);
            written = channel.size();
            synced = written;
            channel.position(written);
            lastLine = attributes().lastModifiedTime().toInstant();
            if (isNew) {
                syncFolder();
            }
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private void lock() throws IOException {
        try {
            if (channel.tryLock() != null) {
                return;
            }
        } catch (OverlappingFileLockException e) { // held by this process
            LOG.debug("{} is already open", path);
        }
        throw new IOException("another route or process writes to " + path + ": give each its own fileName");
    }

    private BasicFileAttributes attributes() throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    /** Makes the directory entry of a new file durable. */
    private void syncFolder() throws IOException {
        Path folder = Objects.requireNonNull(path.getParent(), "the file is in a folder");
        try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    private void repair(boolean csv) throws IOException {
        long size = channel.size();
        long good = csv ? readCsv() : lastLineEnd(size);
        if (good == size) {
            return;
        }
        byte[] tail = bytes(good, (int) Math.min(size - good, 1 << 20));
        if (!csv && JsonText.whyNoObject(tail) == null) {
            channel.write(ByteBuffer.wrap(new byte[] {'\n'}), size);
        } else {
            LOG.warn(
                    "{} ended with an incomplete line of {} bytes, which was removed: {}",
                    path,
                    size - good,
                    LogText.of(new String(tail, StandardCharsets.UTF_8)));
            channel.truncate(good);
        }
        channel.force(true);
    }

    /** Reads the columns of the first line; returns the end of the last complete record, which needs a scan of all quotes. */
    private long readCsv() throws IOException {
        RecordReader reader = new RecordReader(channel, StandardCharsets.UTF_8, ',', FileSink.LINE_BYTES_MAX);
        long end = 0;
        for (RecordReader.Raw raw = reader.next(); raw != null; raw = reader.next()) {
            if (!raw.isEnded()) {
                break;
            }
            if (end == 0) {
                columns = columns(raw);
            }
            end = raw.end();
        }
        return end;
    }

    private List<String> columns(RecordReader.Raw raw) throws IOException {
        try {
            return RecordColumns.of(raw).names();
        } catch (PullException e) {
            throw new IOException("rows cannot be appended to " + path + ": " + e.getMessage(), e);
        }
    }

    private long lastLineEnd(long size) throws IOException {
        int step = 8_192;
        for (long from = size; from > 0; from -= step) {
            long begin = Math.max(0, from - step);
            byte[] bytes = bytes(begin, (int) (from - begin));
            for (int i = bytes.length - 1; i >= 0; i--) {
                if (bytes[i] == '\n') {
                    return begin + i + 1;
                }
            }
        }
        return 0;
    }

    private byte[] bytes(long from, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) >= 0) {}
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    /** The columns of a CSV file; empty if the file is empty. */
    synchronized List<String> columns() {
        return columns;
    }

    /** Appends the first line of a CSV file, which names its columns; false if the file was rotated. */
    synchronized boolean append(byte[] line, List<String> named) throws IOException {
        columns = List.copyOf(named);
        return append(line) >= 0;
    }

    /** Appends a line and returns the argument for {@link #sync}, which makes it durable; -1 if the file was rotated. */
    synchronized long append(byte[] line) throws IOException {
        if (rotated) {
            return -1;
        }
        if (failed) {
            throw new IOException("an earlier write to " + path + " failed; the file will be opened again");
        }
        try {
            ByteBuffer bytes = ByteBuffer.wrap(line);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) { // part of the line may be written
            failed = true;
            throw e;
        }
        written += line.length;
        lastLine = Instant.now();
        return written;
    }

    /**
     * Makes the file durable and renames it, if that is due. Lines that were appended are in it; nothing is appended later.
     *
     * <p>A crash before the renaming leaves the file to be rotated when it is opened again; after it, the next line makes a new
     * file.
     *
     * @return whether it was rotated
     */
    boolean rotate(FileSinkRotation rotation, Instant now) throws IOException {
        synchronized (syncing) {
            synchronized (this) {
                if (rotated || !rotation.isDue(written, lastLine, now) || !isUsable()) {
                    return rotated; // a file of this name may be another one by now
                }
                force();
                synced = written;
                Path target = rotation.target(path, lastLine);
                Files.move(path, target, StandardCopyOption.ATOMIC_MOVE);
                rotated = true;
                syncFolder();
                LOG.debug("{} is finished: {}", path, target);
                return true;
            }
        }
    }

    private void force() throws IOException {
        try {
            channel.force(false);
        } catch (IOException e) { // it is unknown which bytes are durable
            fail();
            throw e;
        }
    }

    private synchronized long written() {
        return written;
    }

    /** Returns when the file is durable up to this byte. */
    void sync(long upTo) throws IOException {
        synchronized (syncing) {
            if (synced >= upTo) {
                return;
            }
            long now = written();
            force();
            synced = now;
        }
    }

    private synchronized void fail() {
        failed = true;
    }

    /** Whether no write failed and the file was not moved or deleted. */
    synchronized boolean isUsable() {
        try {
            return !failed && Objects.equals(fileKey, attributes().fileKey());
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
