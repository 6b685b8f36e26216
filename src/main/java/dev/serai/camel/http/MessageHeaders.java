package dev.serai.camel.http;

import dev.serai.signature.HeaderLookup;
import java.util.Collection;
import java.util.List;
import org.apache.camel.Message;

/** The headers of a message that HTTP brought; one that came more than once is a list there. */
public record MessageHeaders(Message message) implements HeaderLookup {

    @Override
    public List<String> values(String name) {
        Object header = message.getHeader(name);
        if (header == null) {
            return List.of();
        }
        return header instanceof Collection<?> several
                ? several.stream().map(String::valueOf).toList()
                : List.of(header.toString());
    }
}
