package dev.serai.connector.pull;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A part of the time that a run reads, for {@code {from}} and {@code {to}}.
 *
 * @param step how long it is, but for the last one
 * @param overlap how much earlier the one behind it begins than this one ends
 * @param now where the last one ends
 */
public record PullWindow(Instant from, Instant to, Duration step, Duration overlap, Instant now) {
    /** The first one; null if there is nothing to read yet. */
    public static @Nullable PullWindow first(Instant from, Duration step, Duration overlap, Instant now) {
        if (!from.isBefore(now)) {
            return null;
        }
        Instant end = from.plus(step);
        return new PullWindow(from, end.isBefore(now) ? end : now, step, overlap, now);
    }

    /** The one behind it; null if it is the last. */
    public @Nullable PullWindow next() {
        return to.isBefore(now) ? first(to.minus(overlap), step, overlap, now) : null;
    }
}
