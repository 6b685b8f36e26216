package dev.serai.camel.http;

import dev.serai.signature.HeaderLookup;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.apache.camel.Message;

/** The headers of a message that HTTP brought; one that came more than once is a list there. */
public record MessageHeaders(Message message) implements HeaderLookup {

    /** The exchange property with the names, in small letters, of headers that came more than once: their values are joined. */
    public static final String REPEATED = "SeraiRepeatedHeaders";

    /** The exchange property with a body as it was sent, compressed. */
    public static final String PACKED_BODY = "SeraiPackedBody";

    @Override
    public List<String> values(String name) {
        Object header = message.getHeader(name);
        if (header == null) {
            return List.of();
        }
        if (message.getExchange() != null
                && message.getExchange().getProperty(REPEATED) instanceof Collection<?> names
                && names.contains(name.toLowerCase(Locale.ROOT))) {
            return List.of(header.toString().split(", ", 2));
        }
        return header instanceof Collection<?> several
                ? several.stream().map(String::valueOf).toList()
                : List.of(header.toString());
    }
}
