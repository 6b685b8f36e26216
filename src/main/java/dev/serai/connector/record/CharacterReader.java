package dev.serai.connector.record;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;

/**
 * Decodes a file one character after the other and knows the byte offset of each.
 *
 * <p>Threads: one thread.
 */
final class CharacterReader {
    static final int END = -1;
    /** Bytes that are no character of the charset. */
    static final int UNDECODABLE = -2;

    /** No charset that {@link RecordCharset} accepts has a longer character. */
    private static final int CHARACTER_BYTES_MAX = 8;

    private final SeekableByteChannel channel;
    private final CharsetDecoder decoder;
    private final boolean ascii;
    private final ByteBuffer bytes = ByteBuffer.allocate(65_536).limit(0);
    private final CharBuffer chars = CharBuffer.allocate(2);
    private long filledTo;
    private boolean atEnd;
    /** The second half of a surrogate pair; 0 if there is none. */
    private char low;

    CharacterReader(SeekableByteChannel channel, Charset charset) {
        this.channel = channel;
        this.decoder = charset.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        this.ascii = RecordCharset.isAscii(charset);
    }

    void seek(long to) {
        bytes.limit(0);
        filledTo = to;
        atEnd = false;
        low = 0;
    }

    /** The offset of the next character. */
    long offset() {
        return filledTo - bytes.remaining();
    }

    /** The next UTF-16 character, {@link #END} or {@link #UNDECODABLE}. */
    int read() throws IOException {
        if (low != 0) {
            char second = low;
            low = 0;
            return second;
        }
        fill();
        if (!bytes.hasRemaining()) {
            return END;
        }
        if (ascii) {
            byte first = bytes.get(bytes.position());
            if (first >= 0) {
                bytes.get();
                return first;
            }
        }
        return decode();
    }

    private int decode() {
        chars.clear().limit(1);
        decoder.reset();
        CoderResult result = decoder.decode(bytes, chars, true);
        if (chars.position() == 0 && result.isOverflow()) { // a surrogate pair
            chars.limit(2);
            decoder.decode(bytes, chars, true);
        }
        if (chars.position() == 0) { // no further than one unit, since the next one may be a line end
            int skipped = Math.min(bytes.remaining(), ascii ? 1 : 2);
            bytes.position(bytes.position() + skipped);
            return UNDECODABLE;
        }
        if (chars.position() == 2) {
            low = chars.get(1);
        }
        return chars.get(0);
    }

    /** Passes over the next character if it is that one. */
    boolean skip(char wanted) throws IOException {
        fill();
        int position = bytes.position();
        if (read() == wanted) {
            return true;
        }
        bytes.position(position);
        low = 0;
        return false;
    }

    /** Whether no byte is left. */
    boolean isAtEnd() throws IOException {
        fill();
        return !bytes.hasRemaining();
    }

    private void fill() throws IOException {
        if (bytes.remaining() >= CHARACTER_BYTES_MAX || atEnd) {
            return;
        }
        bytes.compact();
        channel.position(filledTo);
        while (bytes.position() < CHARACTER_BYTES_MAX && !atEnd) {
            int count = channel.read(bytes);
            atEnd = count <= 0;
            filledTo += Math.max(0, count);
        }
        bytes.flip();
    }
}
