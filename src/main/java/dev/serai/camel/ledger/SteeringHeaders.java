package dev.serai.camel.ledger;

import java.util.List;

/**
 * The headers with which a message can change what Camel's components do, such as {@code CamelHttpUri}, {@code
 * kafka.OVERRIDE_TOPIC} and {@code Long-Running-Action}. They are never accepted from outside.
 *
 * <p>Threads: safe.
 */
public final class SteeringHeaders {
    private static final List<String> PREFIXES = List.of("camel", "kafka.");
    private static final String LONG_RUNNING_ACTION = "long-running-action";

    private SteeringHeaders() {}

    /** Whether a header of this name is one of them, in upper or lower case. */
    public static boolean includes(String name) {
        for (String prefix : PREFIXES) {
            if (name.regionMatches(true, 0, prefix, 0, prefix.length())) {
                return true;
            }
        }
        return name.equalsIgnoreCase(LONG_RUNNING_ACTION);
    }
}
