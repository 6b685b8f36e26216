package dev.serai.connector.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Hashes of a file's bytes before an offset (SHA-256), by which its content is recognised. An offset that is not before those
 * asked for earlier costs only the bytes between them; the file must not change meanwhile.
 *
 * <p>Threads: one thread.
 */
final class FileContent {
    private static final int HASH_BYTES = 16;

    private Point start = new Point(0, sha256());
    private Point end = start;

    private record Point(long offset, MessageDigest digest) {}

    /** The hash up to a batch's start. */
    String hashBefore(SeekableByteChannel channel, long offset) throws IOException {
        if (offset >= end.offset) {
            start = end;
        } else if (offset < start.offset) {
            start = new Point(0, sha256());
        }
        start = moved(start, channel, offset);
        end = start;
        return text(start);
    }

    /** The hash up to a batch's end, after {@link #hashBefore} for its start. */
    String hashAfter(SeekableByteChannel channel, long offset) throws IOException {
        end = moved(start, channel, offset);
        return text(end);
    }

    private static Point moved(Point from, SeekableByteChannel channel, long to) throws IOException {
        MessageDigest digest = copy(from.digest);
        ByteBuffer bytes = ByteBuffer.allocate(65_536);
        long at = from.offset;
        channel.position(at);
        while (at < to) {
            bytes.clear().limit((int) Math.min(bytes.capacity(), to - at));
            int count = channel.read(bytes);
            if (count <= 0) {
                break;
            }
            digest.update(bytes.flip());
            at += count;
        }
        return new Point(at, digest);
    }

    private static String text(Point point) {
        return HexFormat.of().formatHex(copy(point.digest).digest(), 0, HASH_BYTES);
    }

    private static MessageDigest copy(MessageDigest digest) {
        try {
            return (MessageDigest) digest.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("This Java cannot copy a SHA-256", e);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java has no SHA-256", e);
        }
    }
}
