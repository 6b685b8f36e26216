package dev.serai.ledger.model;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Compares versions: as numbers if both are numbers, as instants if both are RFC 3339 times, else as strings. */
public final class VersionOrder {
    private static final Pattern NUMBER = Pattern.compile("[-+]?[0-9]{1,40}(\\.[0-9]{1,40})?([eE][-+]?[0-9]{1,3})?");

    private VersionOrder() {}

    /** Negative if {@code a} is older than {@code b}, zero if they are equal, positive if {@code a} is newer. */
    public static int compare(String a, String b) {
        if (NUMBER.matcher(a).matches() && NUMBER.matcher(b).matches()) {
            return new BigDecimal(a).compareTo(new BigDecimal(b));
        }
        Instant instantA = instant(a);
        Instant instantB = instantA == null ? null : instant(b);
        return instantA == null || instantB == null ? a.compareTo(b) : instantA.compareTo(instantB);
    }

    private static @Nullable Instant instant(String text) {
        if (text.length() < 20 || text.charAt(4) != '-') {
            return null;
        }
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }
}
