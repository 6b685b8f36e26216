package dev.serai.connector.file;

import dev.serai.camel.ledger.BrokenRecord;
import dev.serai.connector.pull.Batch;
import dev.serai.connector.pull.PullException;
import dev.serai.signature.Digest;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * A file of records, opened for one batch. Memory depends on the batch and the longest record, not on the file's size.
 *
 * <p>Threads: one thread.
 */
final class FileSourceFile implements Closeable {
    private static final int BATCH_BYTES_MAX = 1 << 20;
    private static final int KNOWN_BYTES = 4_096;
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

    private final String name;
    private final FileFormat format;
    private final int recordBytesMax;
    private final SeekableByteChannel channel;
    private final long size;

    /** Opens the file; refuses a symbolic link. */
    FileSourceFile(Path file, FileFormat format, int recordBytesMax) throws IOException {
        this.name = file.getFileName().toString();
        this.format = format;
        this.recordBytesMax = recordBytesMax;
        this.channel = Files.newByteChannel(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
        this.size = channel.size();
    }

    /** Whether the bytes before the cursor's offset are the same as when it was saved. */
    boolean isSameAs(FileCursor cursor) throws IOException {
        return cursor.offset() <= size && cursor.before().equals(before(cursor.offset()));
    }

    /**
     * The records after a cursor; none at the end of the file.
     *
     * @param isWhole whether the file is complete, so that its last line may lack a line end
     */
    Batch read(FileCursor from, int recordsMax, boolean isWhole) throws IOException, PullException {
        List<String> columns = List.of();
        long offset = afterByteOrderMark();
        long line = 0;
        if (format.isCsv()) {
            RecordReader.Raw first = reader(offset, line).next();
            if (first != null && (first.isEnded() || isWhole)) {
                columns = columns(first);
                offset = first.end();
                line = first.lineAfter();
            }
        }
        if (from.offset() > 0) {
            offset = from.offset();
            line = from.line();
        }
        return read(from, reader(offset, line), columns, recordsMax, isWhole);
    }

    private Batch read(FileCursor from, RecordReader reader, List<String> columns, int recordsMax, boolean isWhole)
            throws IOException {
        List<Object> records = new ArrayList<>();
        String place = "";
        long offset = from.offset();
        long line = from.line();
        long broken = from.broken();
        int bytes = 0;
        while (records.size() < recordsMax && bytes < BATCH_BYTES_MAX) {
            RecordReader.Raw raw = reader.next();
            if (raw == null || (!raw.isEnded() && !isWhole)) {
                break;
            }
            offset = raw.end();
            line = raw.lineAfter();
            bytes += raw.bytes().length;
            if (raw.bytes().length > 0) {
                Object record = record(raw, columns);
                broken += record instanceof BrokenRecord ? 1 : 0;
                place = records.isEmpty() ? place(raw) : place;
                records.add(record);
            }
        }
        double percent = size == 0 ? 100 : Math.floor(1000.0 * offset / size) / 10;
        FileCursor to = new FileCursor(
                name, offset, line, from.records() + records.size(), broken, percent, before(offset), false);
        return new Batch(records, place, to.toString(), to.toString(), false);
    }

    private Object record(RecordReader.Raw raw, List<String> columns) {
        String why = raw.broken();
        if (why == null) {
            try {
                return format.record(raw.bytes(), columns);
            } catch (PullException e) {
                why = String.valueOf(e.getMessage());
            }
        }
        return new BrokenRecord(place(raw), why, raw.bytes());
    }

    private String place(RecordReader.Raw raw) {
        return name + ":" + raw.line();
    }

    private List<String> columns(RecordReader.Raw first) throws PullException {
        if (first.broken() != null) {
            throw new PullException("the first line cannot name the columns: " + first.broken());
        }
        return format.columns(first.bytes());
    }

    private RecordReader reader(long offset, long lines) throws IOException {
        return new RecordReader(channel, format.delimiter(), offset, lines, recordBytesMax);
    }

    private long afterByteOrderMark() throws IOException {
        channel.position(0);
        boolean marked = Arrays.equals(bytes(BYTE_ORDER_MARK.length), BYTE_ORDER_MARK);
        return marked ? BYTE_ORDER_MARK.length : 0;
    }

    private String before(long offset) throws IOException {
        long from = Math.max(0, offset - KNOWN_BYTES);
        channel.position(from);
        byte[] digest = Digest.sha256(bytes((int) (offset - from)));
        return HexFormat.of().formatHex(digest, 0, 8);
    }

    private byte[] bytes(int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
        byte[] read = new byte[bytes.position()];
        bytes.flip().get(read);
        return read;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
