package dev.serai.connector.tcp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.serai.text.LogText;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How the end of a text is found on a TCP connection: {@code line} (a line feed, a carriage return before it is left out),
 * {@code delimiter} (bytes of one's own), or {@code length} (the length in bytes comes first, highest byte first).
 *
 * <p>Threads: safe.
 */
public final class TcpFraming {
    static final int LENGTH_BYTES = 4;
    static final TcpFraming LINE = new TcpFraming("line", new byte[] {'\n'}, 0);

    private static final int DELIMITER_BYTES_MAX = 8;
    private static final Set<Integer> LENGTHS = Set.of(1, 2, 4, 8);
    private static final Pattern ESCAPE = Pattern.compile("\\\\(?:x([0-9a-fA-F]{2})|([rnt0\\\\]))");

    private final String name;
    private final byte[] end;
    private final int lengthBytes;

    private TcpFraming(String name, byte[] end, int lengthBytes) {
        this.name = name;
        this.end = end;
        this.lengthBytes = lengthBytes;
    }

    /**
     * The framing that the options name.
     *
     * @param delimiter for {@code delimiter}: text, with the escapes {@code \r \n \t \0 \\} and {@code \xHH}
     * @param lengthBytes for {@code length}: how many bytes the length has, 1, 2, 4 or 8
     */
    public static TcpFraming of(String framing, @Nullable String delimiter, int lengthBytes) {
        return switch (framing.strip()) {
            case "line" -> LINE;
            case "length" -> length(lengthBytes);
            case "delimiter" -> new TcpFraming("delimiter", bytes(delimiter), 0);
            default ->
                throw new IllegalArgumentException(
                        "framing is line, length or delimiter, not \"" + LogText.of(framing) + "\"");
        };
    }

    private static TcpFraming length(int lengthBytes) {
        if (!LENGTHS.contains(lengthBytes)) {
            throw new IllegalArgumentException("lengthBytes is 1, 2, 4 or 8, not " + lengthBytes);
        }
        return new TcpFraming("length", new byte[0], lengthBytes);
    }

    private static byte[] bytes(@Nullable String delimiter) {
        if (delimiter == null || delimiter.isEmpty()) {
            throw new IllegalArgumentException(
                    "framing=delimiter needs delimiter: set it, for example to \\r\\n or \\x03");
        }
        String text = ESCAPE.matcher(delimiter).replaceAll(escape -> Matcher.quoteReplacement(unescaped(escape)));
        byte[] bytes = text.getBytes(ISO_8859_1);
        if (bytes.length > DELIMITER_BYTES_MAX || !text.equals(new String(bytes, ISO_8859_1))) {
            throw new IllegalArgumentException("delimiter has at most " + DELIMITER_BYTES_MAX
                    + " bytes, each written as an ASCII character or as \\xHH");
        }
        return bytes;
    }

    private static String unescaped(MatchResult escape) {
        if (escape.group(1) != null) {
            return String.valueOf((char) Integer.parseInt(escape.group(1), 16));
        }
        return switch (escape.group(2)) {
            case "r" -> "\r";
            case "n" -> "\n";
            case "t" -> "\t";
            case "0" -> "\0";
            default -> "\\";
        };
    }

    public boolean isLine() {
        return this == LINE;
    }

    /** The bytes that end a text; none if its length comes first. */
    public byte[] end() {
        return end;
    }

    /** How many bytes the length before a text has; 0 if there is none. */
    public int lengthBytes() {
        return lengthBytes;
    }

    /** Whether the delimiter has a byte that a JSON text has at most between its parts. */
    boolean hasControl() {
        for (byte b : end) {
            if (b >= 0 && b < ' ') {
                return true;
            }
        }
        return false;
    }

    /** The longest text that the length can tell. */
    long textBytesMax() {
        return lengthBytes == 0 || lengthBytes >= Integer.BYTES ? Integer.MAX_VALUE : (1L << lengthBytes * 8) - 1;
    }

    /** The text as it goes over the wire. It must not hold the delimiter, nor be longer than {@link #textBytesMax}. */
    public ByteBuf frame(byte[] text) {
        ByteBuf frame = Unpooled.buffer(lengthBytes + text.length + end.length);
        for (int i = lengthBytes - 1; i >= 0; i--) {
            frame.writeByte(i >= Integer.BYTES ? 0 : text.length >>> i * 8);
        }
        return frame.writeBytes(text).writeBytes(end);
    }

    /** Its name as an option. */
    @Override
    public String toString() {
        return name;
    }
}
