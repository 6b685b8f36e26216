package dev.serai.cli.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.text.DurationText;
import java.time.Duration;
import java.time.Instant;

/** How long something takes or is ago, in one unit that people read at a glance. */
public final class AgeText {
    private AgeText() {}

    public static String ofSeconds(double seconds) {
        return DurationText.ofSeconds(seconds);
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
