package dev.serai.node.trial;

import org.jspecify.annotations.Nullable;

/**
 * Why a route failed.
 *
 * @param place file and line of the step; null if they are not known
 * @param status what a sender by HTTP is answered; of a target's route the status that refuses the change, or 0
 * @param follows what follows from it
 */
public record TrialFailure(String reason, @Nullable String place, int status, String follows) {}
