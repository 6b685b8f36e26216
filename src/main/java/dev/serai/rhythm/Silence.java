package dev.serai.rhythm;

import java.time.Duration;
import java.time.Instant;

/**
 * A pause that is too long.
 *
 * @param since when the last push was, by the wall clock
 * @param isFromStart whether there was no push yet, so that {@code since} is when the watch over the source began
 * @param usual the usual pause at this hour of the week
 */
public record Silence(Instant since, boolean isFromStart, Duration usual) {}
