package dev.serai.connector.tcp;

import dev.serai.camel.http.Admission;
import io.netty.buffer.ByteBuf;
import io.netty.util.ByteProcessor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts what arrives on one connection into frames. What it holds of a frame that is not complete is counted, so that many
 * peers with half frames cannot use up the memory.
 *
 * <p>Threads: for one.
 */
final class TcpFrameReader {

    /**
     * A whole frame.
     *
     * @param body its text; empty if it was dropped
     * @param dropped whether there was no room to hold it
     */
    record Frame(byte[] body, boolean dropped) {}

    /** What is set aside for a frame before any of it is here: an announced length must not cost much. */
    private static final int FIRST_BYTES = 512;

    private static final int LENGTH_BYTES = 4;
    private static final byte[] EMPTY = new byte[0];

    private final TcpFraming framing;
    private final int bytesMax;
    private final Admission room;
    private byte[] body = EMPTY;
    private int size;
    private int passed;
    private int prefixBytes;
    private int prefix;
    private boolean dropped;

    /**
     * A reader at the beginning of a frame.
     *
     * @param bytesMax the longest frame
     * @param room where the bytes of frames are held; whoever gets a frame gives its bytes back
     */
    TcpFrameReader(TcpFraming framing, int bytesMax, Admission room) {
        this.framing = framing;
        this.bytesMax = bytesMax;
        this.room = room;
    }

    /** Reads up to the end of a frame, and gives it, or null if its end is still to come. */
    @Nullable Frame read(ByteBuf from) throws TcpFrameException {
        return framing == TcpFraming.LINE ? readLine(from) : readLength(from);
    }

    /** Whether a frame has begun and its end is still to come. */
    boolean isMidFrame() {
        return passed > 0 || prefixBytes > 0;
    }

    /** Forgets the frame that has begun, and gives its bytes back. */
    void release() {
        room.back(size);
        clear();
    }

    private @Nullable Frame readLine(ByteBuf from) throws TcpFrameException {
        if (passed == 0 && from.isReadable()) {
            refuseBinary(from.getByte(from.readerIndex()));
        }
        int end = from.forEachByte(ByteProcessor.FIND_LF);
        append(from, end < 0 ? from.readableBytes() : end - from.readerIndex());
        if (end < 0) {
            return null;
        }
        from.skipBytes(1);
        if (size > 0 && body[size - 1] == '\r') {
            size--;
            room.back(1);
        }
        return complete();
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
        while (prefixBytes < LENGTH_BYTES) {
            if (!from.isReadable()) {
                return null;
            }
            prefix = prefix << 8 | from.readUnsignedByte();
            prefixBytes++;
        }
        if (prefix < 0 || prefix > bytesMax) {
            throw new TcpFrameException(
                    413,
                    "A frame of " + Integer.toUnsignedString(prefix) + " bytes is announced, and " + bytesMax
                            + " is the most taken here. Send less at once, or check that the sender uses framing=length.");
        }
        append(from, Math.min(prefix - passed, from.readableBytes()));
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
        dropped = false;
    }
}
