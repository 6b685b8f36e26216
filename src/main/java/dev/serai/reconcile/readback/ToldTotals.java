package dev.serai.reconcile.readback;

import dev.serai.connector.pull.PullException;
import java.util.Locale;

/**
 * How many records a system says that it has, in the answers of one listing. The number may change while the listing is read.
 *
 * <p>Threads: one thread.
 */
final class ToldTotals {
    private long lowest = Long.MAX_VALUE;
    private long highest = Long.MIN_VALUE;

    /** An answer says that there are so many records. */
    void told(long total) {
        lowest = Math.min(lowest, total);
        highest = Math.max(highest, total);
    }

    /**
     * The listing is over.
     *
     * @param listed how many records with different keys it had
     * @throws PullException if that is another number than all that were told
     */
    void check(long listed) throws PullException {
        if (lowest > highest) {
            throw new PullException("the listing cannot be checked: total finds no number of records in its answers");
        }
        if (listed < lowest || listed > highest) {
            String told = lowest == highest ? number(lowest) : number(lowest) + " to " + number(highest);
            throw new PullException("the listing is not what total says: it has " + number(listed) + " records, and "
                    + told + " were told, so nothing is concluded from it");
        }
    }

    private static String number(long records) {
        return String.format(Locale.ROOT, "%,d", records);
    }
}
