package dev.serai.text;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** A duration in one unit that people read at a glance. */
public final class DurationText {
    private DurationText() {}

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
