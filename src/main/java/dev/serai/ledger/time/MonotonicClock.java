package dev.serai.ledger.time;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * The monotonic clock of a {@link TimeSource} for libraries that want a {@link Clock}; only differences of its times mean
 * something.
 *
 * <p>Threads: safe.
 */
public final class MonotonicClock extends Clock {
    private final TimeSource time;

    public MonotonicClock(TimeSource time) {
        this.time = time;
    }

    @Override
    public long millis() {
        return time.monotonicMillis();
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(millis());
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException("a monotonic clock has no time of day");
    }
}
