package dev.serai.connector.pull;

import dev.serai.camel.LiveCheck;
import dev.serai.ledger.model.Cursor;
import org.jspecify.annotations.Nullable;

/**
 * What is read in batches.
 *
 * <p>Threads: one at a time.
 */
public interface BatchSource extends LiveCheck {
    /** Where a run begins to read. */
    @Nullable String begin(@Nullable Cursor saved) throws PullException;

    /**
     * The batch at a position; null if there is nothing to read.
     *
     * @param position what {@link #begin} returned, or the batch before
     * @param recordsMax how many records it may have
     */
    @Nullable Batch next(@Nullable String position, int recordsMax) throws Exception;

    /** Where to read again after the route failed: the batch may have been accepted before that. */
    default @Nullable String again(@Nullable String position, @Nullable Cursor saved) {
        return position;
    }

    /**
     * The batch is accepted.
     *
     * @param mayBeNew whether the ledger did not have all of it already; true if that is not known
     */
    default void taken(Batch batch, boolean mayBeNew) {}

    /** Reads the first batch, as on a new ledger, and hands nothing over. */
    @Override
    default String tryOut() throws Exception {
        Batch first = next(begin(null), BatchPull.RECORDS_MAX);
        int records = first == null ? 0 : first.records().size();
        return records == 0 ? "answers, with no record" : "answers, with " + records + " records at first";
    }
}
