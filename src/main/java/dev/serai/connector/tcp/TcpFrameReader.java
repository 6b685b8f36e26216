package dev.serai.connector.tcp;

import dev.serai.camel.http.Admission;
import dev.serai.text.JsonText;
import io.netty.buffer.ByteBuf;
import io.netty.util.ByteProcessor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Splits the bytes of one connection into frames.
 *
 * <p>Netty's decoders cannot be used: they buffer incomplete frames without a common limit, so that many peers with half
 * frames could use up the memory, and they decode all bytes that have arrived, although reading must stop while too many
 * answers are pending.
 *
 * <p>Threads: one thread.
 */
final class TcpFrameReader {

    /**
     * A whole frame.
     *
     * @param body its text; empty if it was dropped
     * @param dropped whether there was no room to hold it
     */
    record Frame(byte[] body, boolean dropped) {
        /** An empty text, by which a peer keeps its connection. */
        boolean isHeartbeat() {
            return body.length == 0 && !dropped;
        }
    }

    /** What is set aside for a frame before any of it is here: an announced length must not cost much. */
    private static final int FIRST_BYTES = 512;

    private static final byte[] EMPTY = new byte[0];

    private final TcpFraming framing;
    private final int bytesMax;
    private final Admission room;
    private byte[] body = EMPTY;
    private int size;
    private int passed;
    private int prefixBytes;
    private long prefix;
    private long tail;
    private int tailBytes;
    private boolean dropped;

    /**
     * A reader at the beginning of a frame.
     *
     * @param bytesMax the longest frame
     * @param room the limit for the bytes of frames; the receiver of a frame releases its bytes
     */
    TcpFrameReader(TcpFraming framing, int bytesMax, Admission room) {
        this.framing = framing;
        this.bytesMax = bytesMax;
        this.room = room;
    }

    /** Reads to the end of a frame and returns it, or null if the frame is incomplete. */
    @Nullable Frame read(ByteBuf from) throws TcpFrameException {
        return framing.lengthBytes() > 0 ? readLength(from) : readDelimited(from);
    }

    /** Whether a frame is incomplete. */
    boolean isMidFrame() {
        return passed > 0 || prefixBytes > 0;
    }

    /** The line that has begun, if it is a whole JSON value without its end; else null. */
    byte @Nullable [] wholeJson() {
        if (!framing.isLine() || size == 0 || dropped) {
            return null;
        }
        byte[] text = Arrays.copyOf(body, size);
        return JsonText.isJson(text) ? text : null;
    }

    /** Forgets the frame that has begun, and gives its bytes back. */
    void release() {
        room.back(size);
        clear();
    }

    private @Nullable Frame readDelimited(ByteBuf from) throws TcpFrameException {
        if (framing.isLine() && passed == 0 && from.isReadable()) {
            refuseBinary(from.getByte(from.readerIndex()));
        }
        int end = from.forEachByte(framing.isLine() ? ByteProcessor.FIND_LF : this::isBeforeEnd);
        append(from, end < 0 ? from.readableBytes() : end - from.readerIndex());
        if (end < 0) {
            return null;
        }
        from.skipBytes(1);
        if (framing.isLine()) {
            cut(size > 0 && body[size - 1] == '\r' ? 1 : 0);
        } else {
            cut(Math.min(size, framing.end().length - 1)); // the last byte was skipped
        }
        return complete();
    }

    /** Whether the delimiter does not end with this byte. It may have begun in an earlier part. */
    private boolean isBeforeEnd(byte next) {
        byte[] end = framing.end();
        tail = tail << 8 | next & 0xff;
        tailBytes = Math.min(tailBytes + 1, end.length);
        if (tailBytes < end.length) {
            return true;
        }
        for (int i = 0; i < end.length; i++) {
            if ((byte) (tail >>> 8 * i) != end[end.length - 1 - i]) {
                return true;
            }
        }
        return false;
    }

    private void cut(int bytes) {
        size -= bytes;
        room.back(bytes);
    }

    private static void refuseBinary(byte first) throws TcpFrameException {
        if (first >= 0 && first < ' ' && first != '\t' && first != '\r' && first != '\n') {
            throw new TcpFrameException(
                    400,
                    "A line begins with the byte " + first + ", which no JSON text does. This port reads lines: check"
                            + " that the sender does not use framing=length, or TLS where there is none.");
        }
    }

    private @Nullable Frame readLength(ByteBuf from) throws TcpFrameException {
        while (prefixBytes < framing.lengthBytes()) {
            if (!from.isReadable()) {
                return null;
            }
            prefix = prefix << 8 | from.readUnsignedByte();
            prefixBytes++;
        }
        if (prefix < 0 || prefix > bytesMax) {
            throw new TcpFrameException(
                    413,
                    "A frame of " + Long.toUnsignedString(prefix) + " bytes is announced, and " + bytesMax
                            + " is the most taken here. Send less at once, or check that the sender uses framing=length.");
        }
        append(from, (int) Math.min(prefix - passed, from.readableBytes()));
        return passed < prefix ? null : complete();
    }

    private void append(ByteBuf from, int count) throws TcpFrameException {
        if (count > bytesMax - passed) {
            throw new TcpFrameException(
                    413, "A frame is longer than " + bytesMax + " bytes, the most taken here. Send less at once.");
        }
        passed += count;
        if (!dropped && !room.hold(count)) {
            room.back(size);
            body = EMPTY;
            size = 0;
            dropped = true;
        }
        if (dropped) {
            from.skipBytes(count);
            return;
        }
        if (count > body.length - size) {
            body = Arrays.copyOf(
                    body, Math.max(size + count, (int) Math.min(Math.max(FIRST_BYTES, 2L * size), bytesMax)));
        }
        from.readBytes(body, size, count);
        size += count;
    }

    private Frame complete() {
        Frame frame = new Frame(body.length == size ? body : Arrays.copyOf(body, size), dropped);
        clear();
        return frame;
    }

    private void clear() {
        body = EMPTY;
        size = 0;
        passed = 0;
        prefixBytes = 0;
        prefix = 0;
        tail = 0;
        tailBytes = 0;
        dropped = false;
    }
}
