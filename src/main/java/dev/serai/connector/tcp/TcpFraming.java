package dev.serai.connector.tcp;

import dev.serai.text.LogText;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Locale;

/** How the end of a JSON text is known on a TCP connection. */
enum TcpFraming {
    /** Each text is one line, ended by a line feed; a carriage return before it is left out. */
    LINE,
    /** Each text comes behind its length in bytes, as four bytes, the highest first. */
    LENGTH;

    static TcpFraming of(String name) {
        for (TcpFraming framing : values()) {
            if (framing.toString().equals(name.strip())) {
                return framing;
            }
        }
        throw new IllegalArgumentException("framing is line or length, not \"" + LogText.of(name) + "\"");
    }

    /** The text as it goes over the wire. In a line there must be no line feed. */
    ByteBuf frame(byte[] text) {
        ByteBuf frame = Unpooled.buffer(Integer.BYTES + text.length);
        return this == LENGTH
                ? frame.writeInt(text.length).writeBytes(text)
                : frame.writeBytes(text).writeByte('\n');
    }

    /** Its name as an option. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
