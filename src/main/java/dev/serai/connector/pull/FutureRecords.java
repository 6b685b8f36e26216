package dev.serai.connector.pull;

import dev.serai.text.LogText;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of records that are dated later than now: once, and again when their number changes.
 *
 * <p>Threads: one thread at a time.
 */
public final class FutureRecords {
    private static final Logger LOG = LoggerFactory.getLogger(FutureRecords.class);

    private int told;

    /** @param name of the pull */
    public void tell(String name, PullCursor cursor) {
        if (cursor.ahead() > 0 && cursor.ahead() != told) {
            LOG.warn(
                    "Pull {}: {} records are dated later than now, the last one {}; they are accepted, but do not move the"
                            + " cursor, so each run reads them again",
                    name,
                    cursor.ahead(),
                    LogText.of(cursor.latestAhead()));
        }
        told = cursor.ahead();
    }
}
