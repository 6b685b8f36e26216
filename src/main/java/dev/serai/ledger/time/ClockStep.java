package dev.serai.ledger.time;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A step of the wall clock.
 *
 * @param at the wall clock when the step was seen, so after it
 * @param by how far it was set: negative for back
 */
public record ClockStep(Instant at, Duration by) {

    /** One line for people. */
    @Override
    public String toString() {
        return "the clock of this machine was set " + (by.isNegative() ? "back" : "forward") + " by "
                + by.abs().toSeconds() + " s, seen at " + at.truncatedTo(ChronoUnit.SECONDS)
                + "; delays, due times and retention are not affected";
    }
}
