package dev.serai.connector.wechat;

import dev.serai.connector.pull.PullException;
import dev.serai.signature.Digest;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A day's bill on disk, so that a long one is never in memory as a whole. Its rows are read in their order, some at a time.
 *
 * <p>Threads: one.
 */
public final class WeChatPayBill implements Closeable {
    /** Of the rows that are handed over at once. */
    private static final long CHARS_AT_ONCE_MAX = 4_000_000;

    private final FileChannel content;
    private final String place;
    private final String sha1;
    private int rows;
    private Map<String, String> totals = Map.of();
    private @Nullable WeChatPayBillRows open;

    /**
     * Reads a bill to its end.
     *
     * @param bytes may be empty
     * @param place names the bill in broken rows
     */
    WeChatPayBill(InputStream bytes, String place) throws IOException {
        this.place = place;
        this.content = file();
        try {
            MessageDigest digest = Digest.newSha1();
            OutputStream out = new DigestOutputStream(Channels.newOutputStream(content), digest);
            bytes.transferTo(out);
            this.sha1 = HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            content.close();
            throw e;
        }
    }

    /** A file that is gone when it is closed, or when the process ends. */
    private static FileChannel file() throws IOException {
        Path path = Files.createTempFile("serai-bill-", null);
        return FileChannel.open(
                path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
    }

    /** The SHA-1 of its bytes, in hexadecimal digits. */
    String sha1() {
        return sha1;
    }

    /** Its first bytes. */
    byte[] beginning(int bytesMax) throws IOException {
        content.position(0);
        return Channels.newInputStream(content).readNBytes(bytesMax);
    }

    /** Counts its rows. Throws {@link PullException} if it is not a complete bill. */
    void check() throws IOException, PullException {
        WeChatPayBillRows all = rows();
        while (all.next() != null) {}
        rows = all.count();
        totals = all.totals();
    }

    public int count() {
        return rows;
    }

    /** Its last two lines: what the bill says of its rows, by title; empty if it says nothing. */
    public Map<String, String> totals() {
        return totals;
    }

    /**
     * The rows behind so many others: at most so many, and fewer if they are long. Each is a JSON object of strings, or a {@link
     * dev.serai.camel.ledger.BrokenRecord}.
     */
    public List<Object> rows(int after, int rowsMax) throws IOException, PullException {
        WeChatPayBillRows reading = open;
        if (reading == null || reading.count() != after) {
            reading = rows();
            while (reading.count() < after && reading.next() != null) {}
            open = reading;
        }
        List<Object> found = new ArrayList<>();
        long begin = reading.chars();
        while (found.size() < rowsMax && reading.chars() - begin < CHARS_AT_ONCE_MAX) {
            Object row = reading.next();
            if (row == null) {
                break;
            }
            found.add(row);
        }
        return found;
    }

    private WeChatPayBillRows rows() throws IOException, PullException {
        content.position(0);
        return new WeChatPayBillRows(Channels.newInputStream(content), place);
    }

    @Override
    public void close() throws IOException {
        content.close();
    }
}
