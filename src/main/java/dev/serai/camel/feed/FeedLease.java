package dev.serai.camel.feed;

import dev.serai.camel.http.ByteBudget;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Changes given to one reader; the cursor acknowledges them.
 *
 * @param changes each as JSON
 * @param written to be called once the answer takes no memory any more; repeats do no harm
 */
record FeedLease(String cursor, List<byte[]> changes, Runnable written) {

    /** One whose bytes were taken from a budget, which gets them back. */
    static FeedLease counted(String cursor, List<byte[]> changes, ByteBudget budget, long bytes) {
        AtomicBoolean written = new AtomicBoolean();
        return new FeedLease(cursor, changes, () -> {
            if (written.compareAndSet(false, true)) {
                budget.back(bytes);
            }
        });
    }
}
