package dev.serai.connector.sql;

import dev.serai.connector.pull.PullCursor;
import dev.serai.connector.sql.SqlTable.Mark;
import dev.serai.connector.sql.SqlTable.SqlPullRow;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Set;
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
    private record Waiting(Mark newest, Set<String> writers, Instant since) {}

    private final InstantSource clock;
    private @Nullable Waiting waiting;
    private boolean told;

    SqlWriters(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * The position up to which all rows are visible to what is read from now on; null if there is none yet.
     *
     * @param name of the pull
     */
    @Nullable Mark complete(String name, SqlTable table, PullCursor seen) {
        if (!table.hasWriters()) {
            return null;
        }
        Mark newest = newest(table, seen); // before the writers: one that ends in between is no longer among them
        Set<String> running = table.writers();
        Mark complete = null;
        Waiting before = waiting;
        if (before != null && Collections.disjoint(before.writers(), running)) {
            complete = before.newest();
            waiting = null;
        }
        if (waiting == null && newest != null) {
            if (running.isEmpty()) {
                return newest;
            }
            waiting = new Waiting(newest, running, clock.instant());
            told = false;
        }
        tell(name);
        return complete;
    }

    private @Nullable Mark newest(SqlTable table, PullCursor seen) {
        List<SqlPullRow> rows = table.newest(NEWEST_MAX, clock.instant());
        PullCursor probe = new PullCursor(seen);
        probe.see(rows.stream().map(row -> table.time(row.mark())).toList());
        return rows.stream()
                .map(SqlPullRow::mark)
                .filter(mark -> !probe.isAhead(table.time(mark)))
                .findFirst()
                .orElse(null);
    }

    private void tell(String name) {
        Waiting now = waiting;
        if (now != null && !told && now.since().plus(TOLD_AFTER).isBefore(clock.instant())) {
            told = true;
            LOG.warn(
                    "Pull {}: a transaction that writes to the table has been running since {} or longer; until it ends,"
                            + " the cursor stays, and each run reads the rows after it again",
                    name,
                    now.since());
        }
    }
}
