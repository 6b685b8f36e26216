package dev.serai.text;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them, and in one unit that they read at a glance. */
public final class DurationText {
    private static final Pattern PART = Pattern.compile("(\\d{1,18})(ms|[smhd])");
    private static final Pattern PARTS = Pattern.compile("(?:" + PART + ")+");
    private static final Pattern MILLIS = Pattern.compile("[+-]?\\d{1,18}");
    private static final Map<String, Long> UNITS =
            Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);

    private DurationText() {}

    /**
     * The milliseconds of a text such as {@code 500ms}, {@code 30s}, {@code 1h30m}, {@code 7d}, or a number of milliseconds.
     * Camel's reader of the same takes what it does not know, such as {@code 5M}, for zero.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static long millis(String text) {
        String written = text.strip();
        if (MILLIS.matcher(written).matches()) {
            return Long.parseLong(written);
        }
        if (PARTS.matcher(written).matches()) {
            try {
                long sum = 0;
                Matcher part = PART.matcher(written);
                while (part.find()) {
                    long unit = Objects.requireNonNull(UNITS.get(part.group(2)));
                    sum = Math.addExact(sum, Math.multiplyExact(Long.parseLong(part.group(1)), unit));
                }
                return sum;
            } catch (ArithmeticException e) {
                // said below
            }
        }
        throw new IllegalArgumentException(
                "\"" + LogText.of(text) + "\" is not a duration such as 500ms, 30s, 5m or 1h");
    }

    public static String ofSeconds(double seconds) {
        if (seconds < 10) {
            return String.format(Locale.ROOT, "%.1f s", seconds);
        } else if (seconds < 120) {
            return String.format(Locale.ROOT, "%.0f s", seconds);
        } else if (seconds < 2 * 3600) {
            return String.format(Locale.ROOT, "%.0f min", seconds / 60);
        }
        return seconds < 48 * 3600
                ? String.format(Locale.ROOT, "%.1f h", seconds / 3600)
                : String.format(Locale.ROOT, "%.0f days", seconds / 86_400);
    }

    /** From one time to a later one. */
    public static String between(Instant from, Instant to) {
        return ofSeconds(Math.max(0, Duration.between(from, to).toMillis() / 1000.0));
    }
}
