package dev.serai.admin.meter;

import dev.serai.ledger.model.Store.Space;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How fast the ledger grows, from the sizes that were seen in the last hour.
 *
 * <p>Threads: safe.
 */
public final class LedgerGrowth {
    public static final long STEP_MILLIS = Duration.ofMinutes(1).toMillis();
    private static final int SIZES_MAX = 60;

    private final LongSupplier millis;
    private final Deque<SeenSize> sizes = new ArrayDeque<>();

    private record SeenSize(long millis, long bytes) {}

    /** @param millis the time on a monotonic clock */
    public LedgerGrowth(LongSupplier millis) {
        this.millis = millis;
    }

    /** How long until the disk is full if the ledger grows as it did; null if it does not grow, or not a minute is known. */
    public synchronized @Nullable Long fullInSeconds(Space now) {
        long at = millis.getAsLong();
        SeenSize last = sizes.peekLast();
        if (last == null || at - last.millis >= STEP_MILLIS) {
            sizes.add(new SeenSize(at, now.bytes()));
            if (sizes.size() > SIZES_MAX) {
                sizes.remove();
            }
        }
        SeenSize first = sizes.element();
        double grown = now.bytes() - first.bytes;
        double seconds = (at - first.millis) / 1000.0;
        return seconds < 60 || grown <= 0 || now.freeBytes() < 0 ? null : (long) (now.freeBytes() / (grown / seconds));
    }
}
