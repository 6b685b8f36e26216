package dev.serai.connector.record;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.serai.text.LogText;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;

/**
 * The charsets that a file may have: UTF-16, and those without states in which the ASCII bytes are ASCII characters.
 *
 * <p>Threads: safe.
 */
public final class RecordCharset {
    private static final int ASCII_COUNT = 128;

    private RecordCharset() {}

    public static Charset of(String name) {
        try {
            Charset charset = Charset.forName(name.strip());
            if (charset.equals(UTF_16)) { // RFC 2781, 4.3: big endian without a byte order mark
                return UTF_16BE;
            }
            if (charset.equals(UTF_16BE) || charset.equals(UTF_16LE) || isAscii(charset)) {
                return charset;
            }
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            // named below
        }
        throw new IllegalArgumentException(
                "charset must be one like UTF-8, UTF-16, GBK, GB18030 or ISO-8859-1, not " + LogText.of(name));
    }

    /** Whether each ASCII byte that begins a character is that character and changes nothing for those behind it. */
    static boolean isAscii(Charset charset) {
        byte[] bytes = new byte[ASCII_COUNT];
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < ASCII_COUNT; i++) {
            bytes[i] = (byte) i;
            expected.append((char) i);
        }
        try {
            CharBuffer decoded = charset.newDecoder().decode(ByteBuffer.wrap(bytes));
            return decoded.toString().contentEquals(expected);
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    /** The charset that the byte order mark at the start of a file names; else the other one. */
    public static Charset marked(byte[] start, Charset other) {
        if (begins(start, 0xef, 0xbb, 0xbf)) {
            return UTF_8;
        }
        if (begins(start, 0xff, 0xfe)) {
            return UTF_16LE;
        }
        return begins(start, 0xfe, 0xff) ? UTF_16BE : other;
    }

    /** The length of the byte order mark at the start of a file. */
    public static int markLength(byte[] start) {
        if (begins(start, 0xef, 0xbb, 0xbf)) {
            return 3;
        }
        return begins(start, 0xff, 0xfe) || begins(start, 0xfe, 0xff) ? 2 : 0;
    }

    private static boolean begins(byte[] start, int... mark) {
        for (int i = 0; i < mark.length; i++) {
            if (i >= start.length || (start[i] & 0xff) != mark[i]) {
                return false;
            }
        }
        return true;
    }
}
