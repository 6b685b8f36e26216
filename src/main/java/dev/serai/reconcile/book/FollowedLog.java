package dev.serai.reconcile.book;

import dev.serai.reconcile.book.Book.Followed;
import dev.serai.reconcile.book.Book.Unsettled;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far the log was read, and which changes were not settled then.
 *
 * <p>Threads: safe.  <p>Throws: {@link BookException}.
 */
public final class FollowedLog {
    private final BookTables file;

    FollowedLog(BookTables file) {
        this.file = file;
    }

    /** The change up to which the log of a shard was read; null if nothing was read yet. */
    public @Nullable Followed followed(int shard) {
        return file.first(
                "SELECT seq, change_id, accepted FROM followed WHERE shard = ?",
                row -> new Followed(row.getLong(1), row.getString(2), Instant.ofEpochMilli(row.getLong(3))),
                shard);
    }

    /** Some of the changes that were not settled when the log was read, in sequence order. */
    public List<Unsettled> unsettled(long after, int limit) {
        return file.list(
                "SELECT seq, key, accepted FROM unsettled WHERE seq > ? ORDER BY seq LIMIT ?",
                row -> new Unsettled(row.getLong(1), row.getString(2), Instant.ofEpochMilli(row.getLong(3))),
                after,
                limit);
    }

    /** When the oldest change was accepted that is not settled, and after which the target took nothing newer of its key; null if there is none. */
    public @Nullable Instant oldestUnsettled() {
        return file.first(
                "SELECT u.accepted FROM unsettled u WHERE NOT EXISTS"
                        + " (SELECT 1 FROM given g WHERE g.key = u.key AND g.seq > u.seq) ORDER BY u.accepted LIMIT 1",
                row -> Instant.ofEpochMilli(row.getLong(1)));
    }

    static void read(BookTables in, Map<Integer, Followed> upTo, List<Unsettled> unsettled) throws SQLException {
        in.updateEach(
                "INSERT INTO unsettled (seq, key, accepted) VALUES (?, ?, ?) ON CONFLICT (seq) DO UPDATE SET"
                        + " key = excluded.key, accepted = excluded.accepted",
                unsettled.stream()
                        .map(one -> BookTables.row(
                                one.sequence(), one.key(), one.acceptedAt().toEpochMilli()))
                        .toList());
        in.updateEach(
                "INSERT INTO followed (shard, seq, change_id, accepted) VALUES (?, ?, ?, ?) ON CONFLICT (shard) DO UPDATE"
                        + " SET seq = excluded.seq, change_id = excluded.change_id, accepted = excluded.accepted",
                upTo.entrySet().stream()
                        .map(one -> BookTables.row(
                                one.getKey(),
                                one.getValue().sequence(),
                                one.getValue().id(),
                                one.getValue().acceptedAt().toEpochMilli()))
                        .toList());
    }

    static void settled(BookTables in, Collection<Long> sequences) throws SQLException {
        in.updateEach(
                "DELETE FROM unsettled WHERE seq = ?",
                sequences.stream().map(one -> BookTables.row(one)).toList());
    }
}
