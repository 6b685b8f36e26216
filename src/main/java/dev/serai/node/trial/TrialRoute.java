package dev.serai.node.trial;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A route of the user's that can be run.
 *
 * @param place file and line; null if Camel does not know them
 * @param from where it begins, as it is written
 * @param entry the endpoint that stands in for that
 * @param flow of a target's route; null for any other
 * @param target of a target's route; null for any other
 * @param batchSize of a target's route; above 1 it gets a list
 * @param feeds the flows that it brings changes to, also through routes that it calls
 * @param isBatch whether it takes a list of records
 */
public record TrialRoute(
        String id,
        @Nullable String place,
        String from,
        String entry,
        @Nullable String flow,
        @Nullable String target,
        int batchSize,
        Set<String> feeds,
        boolean isBatch) {

    /** {@code FLOW/TARGET}; null if it is no target's. */
    public @Nullable String name() {
        return target == null ? null : flow + "/" + target;
    }

    /** Where it begins, without what is behind it. */
    public String source() {
        return from.replaceFirst("[?].*", "").replaceFirst("^kamelet:", "");
    }

    /** Whether it is called by other routes only. */
    boolean isInner() {
        return from.startsWith(TrialRoutes.DIRECT);
    }
}
