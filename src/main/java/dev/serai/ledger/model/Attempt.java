package dev.serai.ledger.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One failed attempt to deliver a change.
 *
 * @param number counted from 1
 * @param status the HTTP status that the target answered, if it answered one
 */
public record Attempt(
        TargetName target, int number, Instant at, @Nullable Integer status, String error) {}
