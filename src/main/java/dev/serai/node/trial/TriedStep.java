package dev.serai.node.trial;

import org.jspecify.annotations.Nullable;

/**
 * A step of a user's route that a message went through.
 *
 * @param depth how many steps are around it
 * @param place file and line; null if Camel does not know them
 * @param kind as in a route, such as {@code setBody}
 * @param text what it says, without secrets
 * @param after as it left the step; null if the step failed
 * @param note what a trial does otherwise than a running node; null for nothing
 * @param error why the step failed; null if it did not
 */
public record TriedStep(
        int depth,
        @Nullable String place,
        String id,
        String kind,
        String text,
        MessageView before,
        @Nullable MessageView after,
        @Nullable String note,
        @Nullable String error) {}
