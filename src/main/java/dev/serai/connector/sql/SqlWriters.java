package dev.serai.connector.sql;

import dev.serai.connector.pull.PullCursor;
import dev.serai.connector.sql.SqlTable.SqlPullRow;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for the transactions that may still commit rows below those that are visible: who takes a number or a time first may
 * commit last.
 *
 * <p>Threads: one thread at a time.
 */
final class SqlWriters {
    private static final Logger LOG = LoggerFactory.getLogger(SqlWriters.class);
    private static final Duration TOLD_AFTER = Duration.ofMinutes(10);
    /** Among so many one is not dated later than now. */
    private static final int NEWEST_MAX = 100;

    /** @param writers those that were running when this was the newest row */
    private record Waiting(SqlMark newest, Set<String> writers, Instant since, long sinceNanos) {}

    private final InstantSource clock;
    private final LongSupplier nanos;
    private @Nullable Waiting waiting;
    private @Nullable Instant unknownSince;
    private boolean told;

    /** @param nanos a monotonic clock, for the delay: a step of the wall clock must neither end nor prolong it */
    SqlWriters(InstantSource clock, LongSupplier nanos) {
        this.clock = clock;
        this.nanos = nanos;
    }

    /** Whether the cursor waits before it moves past the rows of this table. */
    static boolean areAwaited(SqlTable table, Duration delay) {
        return table.hasWriters() || !delay.isZero();
    }

    /**
     * The position up to which all rows are visible to what is read from now on; null if there is none yet.
     *
     * @param name of the pull
     * @param delay how long transactions that cannot be seen may take
     */
    @Nullable SqlMark complete(String name, SqlTable table, Duration delay, PullCursor seen) {
        if (!areAwaited(table, delay)) {
            return null;
        }
        Instant now = clock.instant();
        SqlMark newest = newest(table, seen); // before the writers: one that ends in between is no longer among them
        Set<String> running = table.writers();
        if (running == null) {
            tellUnknown(name, now);
            return null;
        }
        unknownSince = null;
        SqlMark complete = null;
        Waiting before = waiting;
        if (before != null
                && nanos.getAsLong() - before.sinceNanos() >= delay.toNanos()
                && Collections.disjoint(before.writers(), running)) {
            complete = before.newest();
            waiting = null;
        }
        if (waiting == null && newest != null) {
            if (running.isEmpty() && delay.isZero()) {
                told = false;
                return newest;
            }
            waiting = new Waiting(newest, running, now, nanos.getAsLong());
            told = false;
        }
        tell(name, now);
        return complete;
    }

    private @Nullable SqlMark newest(SqlTable table, PullCursor seen) {
        List<SqlPullRow> rows = table.newest(NEWEST_MAX, clock.instant());
        PullCursor probe = new PullCursor(seen);
        probe.see(rows.stream().map(row -> table.time(row.mark())).toList());
        return rows.stream()
                .map(SqlPullRow::mark)
                .filter(mark -> !probe.isAhead(table.time(mark)))
                .findFirst()
                .orElse(null);
    }

    private void tell(String name, Instant now) {
        Waiting since = waiting;
        if (since != null && !told && since.since().plus(TOLD_AFTER).isBefore(now)) {
            told = true;
            LOG.warn(
                    "Pull {}: a transaction that writes to the table has been running since {} or longer; until it ends,"
                            + " the cursor stays, and each run reads the rows after it again",
                    name,
                    since.since());
        }
    }

    private void tellUnknown(String name, Instant now) {
        Instant since = unknownSince == null ? now : unknownSince;
        unknownSince = since;
        if (!told && since.plus(TOLD_AFTER).isBefore(now)) {
            told = true;
            LOG.warn(
                    "Pull {}: the database has shown no new list of its transactions since {}, as MySQL does if something else"
                            + " reads that list many times a second; the cursor stays, and each run reads the rows after it"
                            + " again",
                    name,
                    since);
        }
    }
}
