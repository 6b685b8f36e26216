package dev.serai.signature;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a scheme. A scheme ignores those that it does not use, but refuses a secret that it would not check.
 *
 * @param secret the key or keys, in the scheme's own form
 * @param previousSecret keys that are being replaced and are still accepted
 * @param header replaces the scheme's usual header
 * @param tolerance how far a request's time may differ from now, in either direction
 * @param more the options of single schemes, by name; null counts as not set, and a value that begins with {@code file:} is read from that file
 */
public record SchemeOptions(
        @Nullable String secret,
        @Nullable String previousSecret,
        @Nullable String header,
        Duration tolerance,
        Map<String, String> more) {

    /** The tolerance that the Standard Webhooks libraries, Stripe and Slack use. */
    public static final Duration DEFAULT_TOLERANCE = Duration.ofMinutes(5);

    private static final String FILE = "file:";

    public SchemeOptions {
        if (tolerance.isNegative() || tolerance.isZero()) {
            throw new IllegalArgumentException("tolerance must be more than zero, like 5m");
        }
        Map<String, String> set = new HashMap<>(more);
        set.values().removeIf(Objects::isNull); // a Kamelet's parameter that is not set
        more = Map.copyOf(set);
    }

    public SchemeOptions(
            @Nullable String secret, @Nullable String previousSecret, @Nullable String header, Duration tolerance) {
        this(secret, previousSecret, header, tolerance, Map.of());
    }

    /** Options of a scheme that has its own, and otherwise the defaults. */
    public static SchemeOptions of(Map<String, String> more) {
        return new SchemeOptions(null, null, null, DEFAULT_TOLERANCE, more);
    }

    /** Options with this secret and otherwise the defaults. */
    public static SchemeOptions secret(String secret) {
        return new SchemeOptions(secret, null, null, DEFAULT_TOLERANCE);
    }

    /**
     * An option that only some schemes have, stripped, or null if it is not set.
     *
     * @throws IllegalArgumentException if it names a file that cannot be read
     */
    public @Nullable String optional(String name) {
        String value = more.getOrDefault(name, "").strip();
        if (value.startsWith(FILE)) {
            value = content(name, value.substring(FILE.length())).strip();
        }
        return value.isEmpty() ? null : value;
    }

    /** The words of an option that only some schemes have; none if it is not set. */
    public List<String> several(String name) {
        String value = optional(name);
        return value == null ? List.of() : List.of(value.split("\\s+"));
    }

    /**
     * An option that this scheme needs, stripped.
     *
     * @throws IllegalArgumentException if it is not set, or names a file that is empty or cannot be read
     */
    public String required(String name) {
        String value = optional(name);
        if (value == null) {
            throw new IllegalArgumentException(name + " is empty: set it");
        }
        return value;
    }

    private static String content(String name, String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException | InvalidPathException e) {
            throw new IllegalArgumentException(name + " names a file that cannot be read: " + file);
        }
    }

    /** Whether no secret is set at all. */
    public boolean withoutSecrets() {
        return isBlank(secret) && isBlank(previousSecret);
    }

    /**
     * The keys of {@code secret}, then those of {@code previousSecret}; never empty.
     *
     * @param reader reads the keys from an option's stripped value; its errors must not quote the value
     * @throws IllegalArgumentException if {@code secret} is empty, or the reader fails; the message names the option
     */
    public <K> List<K> keys(Function<String, List<K>> reader) {
        if (secret == null || secret.isBlank()) {
            throw new IllegalArgumentException("secret is empty: set it to the secret agreed with the other side");
        }
        var keys = new ArrayList<K>(read("secret", secret.strip(), reader));
        if (previousSecret != null && !previousSecret.isBlank()) {
            keys.addAll(read("previousSecret", previousSecret.strip(), reader));
        }
        return List.copyOf(keys);
    }

    /**
     * An option that this scheme needs, read.
     *
     * @param reader reads the stripped value; its errors must not quote the value
     * @throws IllegalArgumentException if it is not set, or the reader fails; the message names the option
     */
    public <T> T required(String name, Function<String, T> reader) {
        return read(name, required(name), reader);
    }

    /** As {@link #required(String, Function)}, or null if it is not set. */
    public <T> @Nullable T optional(String name, Function<String, T> reader) {
        String value = optional(name);
        return value == null ? null : read(name, value, reader);
    }

    /** Reads a part of an option's value; the reader's errors get the option's name. */
    public static <T> T read(String option, String value, Function<String, T> reader) {
        try {
            return reader.apply(value);
        } catch (IllegalArgumentException e) {
            // Without the cause: it says the same without the option.
            throw new IllegalArgumentException(option + " " + e.getMessage());
        }
    }

    private static boolean isBlank(@Nullable String value) {
        return value == null || value.isBlank();
    }

    /** Without the secrets. */
    @Override
    public String toString() {
        return "SchemeOptions[header=" + header + ", tolerance=" + tolerance + "]";
    }
}
