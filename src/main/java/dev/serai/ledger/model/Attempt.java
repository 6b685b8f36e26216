package dev.serai.ledger.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One failed attempt to deliver a change.
 *
 * <p>Of one delivery the first {@value #FIRST_KEPT} and the newest {@value #NEWEST_KEPT} are kept; {@link Delivery#attempts}
 * counts all.
 *
 * @param number counted from 1
 * @param status the HTTP status that the target answered, if it answered one
 */
public record Attempt(
        TargetName target, int number, Instant at, @Nullable Integer status, String error) {
    public static final int FIRST_KEPT = 5;
    public static final int NEWEST_KEPT = 20;
}
