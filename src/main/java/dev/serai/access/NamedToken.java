package dev.serai.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A token for the admin port, known by the SHA-256 of its secret alone. That is enough, because the secret has 256 random bits.
 *
 * @param hash in hexadecimal
 */
public record NamedToken(String name, TokenRole role, String hash, Instant madeAt) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");
    /** What the audit calls the token of {@code serai.admin.tokenFile}, the node itself, and commands on its machine. */
    private static final Set<String> RESERVED = Set.of(AdminCaller.ADMIN.name(), "node", "local");

    /** Throws {@link IllegalArgumentException} that says what is wrong with a name. */
    public static void requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "a token's name has 1 to 64 letters, digits, dots, underscores and hyphens, not: " + name);
        }
        if (RESERVED.contains(name)) {
            throw new IllegalArgumentException("the name " + name
                    + " is taken: admin is the token in serai.admin.tokenFile, and node and local stand for the node itself and"
                    + " for commands on its machine; use another name");
        }
    }

    /** Reads what {@link #line} writes; throws {@link IllegalArgumentException} that says what is wrong. */
    static NamedToken parse(String line) {
        List<String> words = List.of(line.strip().split(" +"));
        if (words.size() != 4) {
            throw new IllegalArgumentException(
                    "a line is NAME ROLE HASH TIME, and this one has " + words.size() + " words");
        }
        requireName(words.get(0));
        TokenRole role = TokenRole.of(words.get(1))
                .orElseThrow(() -> new IllegalArgumentException("the role must be view or operate"));
        if (!HASH.matcher(words.get(2)).matches()) {
            throw new IllegalArgumentException("the hash must be 64 hexadecimal digits");
        }
        try {
            return new NamedToken(words.get(0), role, words.get(2), Instant.parse(words.get(3)));
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("the time must look like 2026-01-31T08:00:00Z", e);
        }
    }

    String line() {
        return name + " " + role.word() + " " + hash + " " + madeAt;
    }

    /** The SHA-256 of a secret, in hexadecimal. */
    public static String hashOf(String secret) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Takes as long for any wrong hash. */
    boolean hasHash(String other) {
        return MessageDigest.isEqual(
                hash.getBytes(StandardCharsets.US_ASCII), other.getBytes(StandardCharsets.US_ASCII));
    }
}
