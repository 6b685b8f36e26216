package dev.serai.cli.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** How long something takes or is ago, in one unit that people read at a glance. */
public final class AgeText {
    private AgeText() {}

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

    /** A time of the admin API as "12 s ago" or "in 5 min"; a dash if it is null. */
    public static String of(JsonNode time, Instant now) {
        if (!time.isTextual()) {
            return "-";
        }
        double seconds = Duration.between(now, Instant.parse(time.asText())).toMillis() / 1000.0;
        return seconds > 0 ? "in " + ofSeconds(seconds) : ofSeconds(-seconds) + " ago";
    }
}
