package dev.serai.access;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a token allows: {@code VIEW} to read, {@code OPERATE} everything. */
public enum TokenRole {
    VIEW,
    OPERATE;

    /** As in commands, files and answers. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<TokenRole> of(String word) {
        return Arrays.stream(values()).filter(role -> role.word().equals(word)).findFirst();
    }

    /** The role that a request with this method needs. */
    public static TokenRole neededFor(String method) {
        return method.equals("GET") || method.equals("HEAD") ? VIEW : OPERATE;
    }

    /** Whether a token with this role may do what needs the other. */
    public boolean includes(TokenRole needed) {
        return compareTo(needed) >= 0;
    }
}
