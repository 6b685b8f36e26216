package dev.serai.node.trial;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a route made of a message.
 *
 * @param steps in their order, at most {@link TrialRecord#STEPS_MAX}
 * @param changes what would be in the ledger
 * @param requests what would have left the process
 * @param filtered whether nothing came of it, without a failure
 * @param failure null if it did not fail
 */
public record TrialResult(
        TrialRoute route,
        List<TriedStep> steps,
        List<TriedChange> changes,
        List<TriedRequest> requests,
        boolean filtered,
        @Nullable TrialFailure failure) {}
