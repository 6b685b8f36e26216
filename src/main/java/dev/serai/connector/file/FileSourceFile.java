package dev.serai.connector.file;

import dev.serai.camel.ledger.BrokenRecord;
import dev.serai.connector.pull.Batch;
import dev.serai.connector.pull.PullException;
import dev.serai.connector.record.RecordCharset;
import dev.serai.connector.record.RecordColumns;
import dev.serai.connector.record.RecordFormat;
import dev.serai.connector.record.RecordReader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file of records, opened for one batch. Memory depends on the batch and the longest record, not on the file's size.
 *
 * <p>Threads: one thread.
 */
final class FileSourceFile implements Closeable {
    private static final int BATCH_BYTES_MAX = 1 << 20;
    private static final int MARK_BYTES_MAX = 3;
    private static final int BROKEN_BYTES_MAX = 65_536;
    /** How Excel names the delimiter in the first line. */
    private static final Pattern SEP = Pattern.compile("\"?sep=(.)\"?", Pattern.CASE_INSENSITIVE);

    private final String name;
    private final RecordFormat format;
    private final int recordBytesMax;
    private final FileContent content;
    private final SeekableByteChannel channel;
    private final long size;

    /**
     * Opens the file; refuses a symbolic link.
     *
     * @param name by which places name it
     * @param content hashes of the same file, kept from batch to batch
     */
    FileSourceFile(Path file, String name, RecordFormat format, int recordBytesMax, FileContent content)
            throws IOException {
        this.name = name;
        this.format = format;
        this.recordBytesMax = recordBytesMax;
        this.content = content;
        this.channel = Files.newByteChannel(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
        this.size = channel.size();
    }

    /** Whether the bytes before the cursor's offset are the same as when it was saved. */
    boolean isSameAs(FileCursor cursor) throws IOException {
        return cursor.offset() <= size && cursor.content().equals(content.hashBefore(channel, cursor.offset()));
    }

    /** The records after a cursor; none at the end of the file. */
    Batch read(FileCursor from, int recordsMax) throws IOException, PullException {
        byte[] start = bytes(0, MARK_BYTES_MAX);
        Charset charset = RecordCharset.marked(start, format.charset());
        RecordReader reader = new RecordReader(channel, charset, format.delimiter(), recordBytesMax);
        reader.seek(RecordCharset.markLength(start), 0);
        RecordColumns columns = format.isCsv() ? begin(reader, RecordCharset.markLength(start)) : RecordColumns.NONE;
        if (from.offset() > 0) {
            reader.seek(from.offset(), from.line());
        }
        return read(from, reader, columns, recordsMax);
    }

    /** Reads what is before the first record, and how lines end. */
    private RecordColumns begin(RecordReader reader, long offset) throws IOException, PullException {
        RecordReader.Raw first = reader.next();
        Matcher sep = SEP.matcher(first == null ? "" : first.text());
        long begin = offset;
        long lines = 0;
        if (first != null
                && sep.matches()
                && RecordFormat.isDelimiter(sep.group(1).charAt(0))) {
            reader.setDelimiter(sep.group(1).charAt(0));
            begin = first.end();
            lines = first.lineAfter();
            first = reader.next();
        }
        RecordColumns given = format.columns();
        if (given != null) {
            reader.seek(begin, lines);
            return given;
        }
        return first == null ? RecordColumns.NONE : RecordColumns.of(first);
    }

    private Batch read(FileCursor from, RecordReader reader, RecordColumns columns, int recordsMax) throws IOException {
        List<Object> records = new ArrayList<>();
        String place = "";
        long offset = from.offset();
        long line = from.line();
        long broken = from.broken();
        long bytes = 0;
        while (records.size() < recordsMax && bytes < BATCH_BYTES_MAX) {
            RecordReader.Raw raw = reader.next();
            if (raw == null) {
                break;
            }
            offset = raw.end();
            line = raw.lineAfter();
            bytes += raw.end() - raw.begin();
            if (!raw.text().isEmpty()) {
                Object record = record(raw, columns);
                broken += record instanceof BrokenRecord ? 1 : 0;
                place = records.isEmpty() ? place(raw) : place;
                records.add(record);
            }
        }
        double percent = size == 0 ? 100 : Math.floor(1000.0 * offset / size) / 10;
        content.hashBefore(channel, from.offset());
        String hash = content.hashAfter(channel, offset);
        FileCursor to =
                new FileCursor(name, offset, line, from.records() + records.size(), broken, percent, hash, false);
        return new Batch(records, place, to.toString(), to.toString(), false);
    }

    private Object record(RecordReader.Raw raw, RecordColumns columns) throws IOException {
        try {
            return format.record(raw, columns);
        } catch (PullException e) {
            byte[] text = raw.isDecoded()
                    ? raw.text().getBytes(StandardCharsets.UTF_8)
                    : bytes(raw.begin(), (int) Math.min(BROKEN_BYTES_MAX, raw.end() - raw.begin()));
            return new BrokenRecord(place(raw), String.valueOf(e.getMessage()), text);
        }
    }

    private String place(RecordReader.Raw raw) {
        return name + ":" + raw.line();
    }

    private byte[] bytes(long from, int count) throws IOException {
        channel.position(from);
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
