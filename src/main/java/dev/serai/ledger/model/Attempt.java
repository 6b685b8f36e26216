package dev.serai.ledger.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One failed attempt to deliver a change.
 *
 * @param number counted from 1
 * @param status the target's answer as an HTTP status, where it has one
 */
public record Attempt(
        TargetName target, int number, Instant at, @Nullable Integer status, String error) {}
