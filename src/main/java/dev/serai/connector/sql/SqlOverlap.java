package dev.serai.connector.sql;

import dev.serai.connector.pull.PullCursor;
import dev.serai.connector.pull.RepeatedHour;
import dev.serai.text.DurationText;
import java.math.BigDecimal;
import java.time.Duration;

/** How much older than the newest row a late row may be: a duration, or a number; empty for the default. */
final class SqlOverlap {
    private static final Duration TIME = Duration.ofSeconds(10);

    /** The default for numbers: those that take their number first may become visible last. */
    private static final BigDecimal NUMBER = BigDecimal.valueOf(1_000);

    private SqlOverlap() {}

    static boolean isNumber(String text) {
        return text.matches("-?\\d+(\\.\\d+)?");
    }

    /** Throws {@link IllegalArgumentException} if it is not a duration. */
    static Duration duration(String overlap) {
        return overlap.isEmpty() ? TIME : Duration.ofMillis(DurationText.millis(overlap));
    }

    /** How much older than that time rows may be; the database does not tell which zone a local time is in. */
    static Duration duration(String overlap, String at) {
        return RepeatedHour.lookBack(at, duration(overlap), null);
    }

    /** Throws {@link IllegalArgumentException} if it does not fit a cursor column of that type. */
    static void check(String overlap, String type, boolean isTime, boolean isNumber) {
        if (overlap.isEmpty() || (isNumber && isNumber(overlap))) {
            return;
        }
        if (!isTime && !isNumber) {
            throw new IllegalArgumentException("overlap cannot be used with a cursor column of type " + type
                    + ": remove it, or use a column of a time or number type");
        }
        duration(overlap);
    }

    /**
     * The number that is less by the overlap. A duration is subtracted from seconds or milliseconds since 1970, and from other
     * numbers the default.
     */
    static BigDecimal earlier(String number, String overlap) {
        BigDecimal value = new BigDecimal(number);
        if (isNumber(overlap)) {
            return value.subtract(new BigDecimal(overlap));
        }
        BigDecimal earlier = new BigDecimal(PullCursor.minus(number, duration(overlap)));
        boolean isEpoch = earlier.compareTo(value) < 0;
        return isEpoch && !overlap.isEmpty() ? earlier : earlier.min(value.subtract(NUMBER));
    }
}
