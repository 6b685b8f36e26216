package dev.serai.node.property;

import dev.serai.text.DurationText;
import dev.serai.text.LogText;
import org.apache.camel.spi.PropertiesFunction;

/** {@code {{millis:1m}}}: a duration in milliseconds, for options without units, such as those of a Quartz trigger. */
public final class MillisFunction implements PropertiesFunction {

    @Override
    public String getName() {
        return "millis";
    }

    @Override
    public String apply(String duration) {
        long millis = DurationText.millis(duration);
        if (millis <= 0) {
            throw new IllegalArgumentException(
                    "a duration must be more than zero, like 1m, not " + LogText.of(duration));
        }
        return Long.toString(millis);
    }
}
