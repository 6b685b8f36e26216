package dev.serai.signature;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Requests as tests write them down. */
final class Requests {

    private Requests() {}

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static HeaderLookup headers(Map<String, String> headers) {
        return name -> headers.entrySet().stream()
                .filter(header -> header.getKey().equalsIgnoreCase(name))
                .map(Map.Entry::getValue)
                .toList();
    }
}
