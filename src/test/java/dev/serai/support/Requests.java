package dev.serai.support;

import dev.serai.signature.HeaderLookup;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;

/** Builds requests for tests. */
public final class Requests {

    private Requests() {}

    public static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    public static HeaderLookup headers(Map<String, String> headers) {
        return name -> headers.entrySet().stream()
                .filter(header -> header.getKey().equalsIgnoreCase(name))
                .map(Map.Entry::getValue)
                .toList();
    }

    /** The bytes truncated, extended, or with one byte replaced. */
    public static byte[] mutate(byte[] bytes, Random random) {
        int at = random.nextInt(bytes.length);
        return switch (random.nextInt(5)) {
            case 0 -> Arrays.copyOf(bytes, at);
            case 1 -> Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(9));
            case 2 -> Arrays.copyOfRange(bytes, at, bytes.length);
            case 3 -> {
                byte[] changed = bytes.clone();
                changed[at] = (byte) "&=%+ ".charAt(random.nextInt(5));
                yield changed;
            }
            default -> {
                byte[] changed = bytes.clone();
                changed[at] = (byte) random.nextInt(256);
                yield changed;
            }
        };
    }
}
