package dev.serai.reconcile.book;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one target has to have: for each key a digest of the state that it took last, and the sequence of that change. It is in
 * tables of its own, so that keeping it takes nothing from the ledger's writer.
 *
 * <p>Each key has a small number as well, so that a run can note the keys that it saw in one bit each.
 *
 * <p>Threads: safe.  <p>Throws: {@link BookException}.
 */
public final class Book implements AutoCloseable {
    private static final String PUT = "INSERT INTO given (key, id, seq, accepted, finished, kind, digest)"
            + " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET seq = excluded.seq,"
            + " accepted = excluded.accepted, finished = excluded.finished, kind = excluded.kind,"
            + " digest = excluded.digest";
    private static final String MEANING = "meaning";
    static final String FLOW = "flow";
    private static final String NEXT_ID = "nextId";

    private final BookTables file;
    private final RunNotes notes;
    private final RecentKeys recent;
    private final RunTimes times;
    private final SourceNotes source;
    private final LogGap gap;

    /** What the target took last of a key. */
    public enum GivenKind {
        STATE,
        DELETED,
        /** The body has no state: it is not JSON, or the expression finds none. */
        UNREADABLE
    }

    /**
     * What the target took last of a key.
     *
     * @param id the key's number
     * @param acceptedAt when the ledger accepted the change
     * @param finishedAt when the target took it
     * @param digest 16 bytes, null unless it is a state
     */
    public record Given(
            String key,
            long id,
            long sequence,
            Instant acceptedAt,
            Instant finishedAt,
            GivenKind kind,
            byte @Nullable [] digest) {

        Given numbered(long number) {
            return new Given(key, number, sequence, acceptedAt, finishedAt, kind, digest);
        }
    }

    /** A change up to which the log was read; all that was accepted before it was read too. */
    public record Followed(long sequence, String id, Instant acceptedAt) {}

    /** A change that is waiting, parked or dead. */
    public record Unsettled(long sequence, String key, Instant acceptedAt) {}

    /**
     * Opens the book, and empties it if it was made for something else.
     *
     * @param name of its reconcile file, with what it is of
     * @param flow whose states the digests are of
     * @param meaning which of its states, and which part of them
     * @param keepsRecent whether the keys are kept of which something was taken since they were compared
     */
    public Book(BookPlace place, String name, String flow, String meaning, boolean keepsRecent) {
        this.file = place.open(name, BookSchema.BOOK);
        this.recent = new RecentKeys(file, keepsRecent);
        this.notes = new RunNotes(file);
        this.times = new RunTimes(file);
        this.source = new SourceNotes(file);
        this.gap = new LogGap(file);
        if (!meaning.equals(file.meta(MEANING))) {
            empty(meaning);
        }
        file.writeMeta(FLOW, flow);
        recent.begin();
    }

    /** Whether another node has opened it, so that this one can write to it no more. */
    public boolean isLost() {
        return file.isLost();
    }

    /** Forgets all but what it is made for. */
    public void empty() {
        String meaning = file.meta(MEANING);
        empty(meaning == null ? "" : meaning);
    }

    private void empty(String meaning) {
        file.write(in -> {
            for (String table : List.of("followed", "given", "unsettled", "recent", "suspect", "difference", "run")) {
                in.update("DELETE FROM " + table);
            }
            in.update("DELETE FROM meta WHERE name <> ?", FLOW);
            source.empty(in);
            in.meta(MEANING, meaning);
            return true;
        });
    }

    /** The notes of runs, in the same file. */
    public RunNotes notes() {
        return notes;
    }

    /** When runs were. */
    public RunTimes times() {
        return times;
    }

    /** The keys of which something was taken since they were compared. */
    public RecentKeys recent() {
        return recent;
    }

    /** What only the book of a source has. */
    public SourceNotes source() {
        return source;
    }

    /** What retention had deleted of the log before it was read. */
    public LogGap gap() {
        return gap;
    }

    // ---- Following the log

    /** The change up to which the log of a shard was read; null if nothing was read yet. */
    public @Nullable Followed followed(int shard) {
        return file.first(
                "SELECT seq, change_id, accepted FROM followed WHERE shard = ?",
                row -> new Followed(row.getLong(1), row.getString(2), Instant.ofEpochMilli(row.getLong(3))),
                shard);
    }

    /**
     * Notes what the log has up to a sequence.
     *
     * @param given in the order of the log; their numbers are ignored
     */
    public void follow(int shard, Followed upTo, List<Given> given, List<Unsettled> unsettled) {
        file.write(in -> {
            put(in, given, true);
            in.updateEach(
                    "INSERT INTO unsettled (seq, key, accepted) VALUES (?, ?, ?) ON CONFLICT (seq) DO UPDATE SET"
                            + " key = excluded.key, accepted = excluded.accepted",
                    unsettled.stream()
                            .map(one -> BookTables.row(
                                    one.sequence(), one.key(), one.acceptedAt().toEpochMilli()))
                            .toList());
            in.update(
                    "INSERT INTO followed (shard, seq, change_id, accepted) VALUES (?, ?, ?, ?) ON CONFLICT (shard) DO UPDATE"
                            + " SET seq = excluded.seq, change_id = excluded.change_id, accepted = excluded.accepted",
                    shard,
                    upTo.sequence(),
                    upTo.id(),
                    upTo.acceptedAt().toEpochMilli());
            return true;
        });
    }

    /** @param inOrder whether each is newer than what is known of its key; else only if nothing was taken after it */
    private void put(BookTables in, List<Given> all, boolean inOrder) throws SQLException {
        Map<String, Given> known = find(all.stream().map(Given::key).toList());
        Map<String, Given> newest = new LinkedHashMap<>();
        long end = idEnd();
        long next = end;
        for (Given one : all) {
            Given before = newest.getOrDefault(one.key(), known.get(one.key()));
            if (before == null) {
                newest.put(one.key(), one.numbered(next++));
            } else if (inOrder || !before.finishedAt().isAfter(one.finishedAt())) {
                newest.put(one.key(), one.numbered(before.id()));
            }
        }
        recent.taken(in, all);
        in.updateEach(PUT, newest.values().stream().map(Book::row).toList());
        if (next > end) {
            in.meta(NEXT_ID, String.valueOf(next));
        }
    }

    private static @Nullable Object[] row(Given one) {
        return BookTables.row(
                one.key(),
                one.id(),
                one.sequence(),
                one.acceptedAt().toEpochMilli(),
                one.finishedAt().toEpochMilli(),
                one.kind().ordinal(),
                one.digest());
    }

    /** Some of the changes that were not settled when the log was read, in sequence order. */
    public List<Unsettled> unsettled(long after, int limit) {
        return file.list(
                "SELECT seq, key, accepted FROM unsettled WHERE seq > ? ORDER BY seq LIMIT ?",
                row -> new Unsettled(row.getLong(1), row.getString(2), Instant.ofEpochMilli(row.getLong(3))),
                after,
                limit);
    }

    /**
     * Some of them are over.
     *
     * @param over their sequences
     * @param given those that the target took; one that was delivered late is the newest only if nothing was taken after it
     */
    public void settle(Collection<Long> over, List<Given> given) {
        if (over.isEmpty()) {
            return;
        }
        file.write(in -> {
            put(in, given, false);
            in.updateEach(
                    "DELETE FROM unsettled WHERE seq = ?",
                    over.stream().map(one -> BookTables.row(one)).toList());
            return true;
        });
    }

    /** When the oldest change was accepted that is not settled, and after which the target took nothing newer of its key; null if there is none. */
    public @Nullable Instant oldestUnsettled() {
        return file.first(
                "SELECT u.accepted FROM unsettled u WHERE NOT EXISTS"
                        + " (SELECT 1 FROM given g WHERE g.key = u.key AND g.seq > u.seq) ORDER BY u.accepted LIMIT 1",
                row -> Instant.ofEpochMilli(row.getLong(1)));
    }

    // ---- Keys

    /** All numbers of keys are below this. */
    public long idEnd() {
        String next = file.meta(NEXT_ID);
        return next == null ? 0 : Long.parseLong(next);
    }

    /** A key and its number. */
    public record NumberedKey(String key, long id) {}

    /** The next keys in their order, with their numbers alone. */
    public List<NumberedKey> keys(String after, int limit) {
        return file.list(
                "SELECT key, id FROM given WHERE key > ? ORDER BY key LIMIT ?",
                row -> new NumberedKey(row.getString(1), row.getLong(2)),
                after,
                limit);
    }

    /** What is known about these keys. */
    public Map<String, Given> find(Collection<String> keys) {
        if (keys.isEmpty()) {
            return Map.of();
        }
        Map<String, Given> found = new HashMap<>(2 * keys.size());
        file.each(
                "SELECT g.key, g.id, g.seq, g.accepted, g.finished, g.kind, g.digest FROM " + file.keyList()
                        + " CROSS JOIN given g WHERE g.key = j.value",
                row -> {
                    Given one = given(row);
                    found.put(one.key(), one);
                    return true;
                },
                BookTables.keys(keys));
        return found;
    }

    private static Given given(ResultSet row) throws SQLException {
        return new Given(
                row.getString(1),
                row.getLong(2),
                row.getLong(3),
                Instant.ofEpochMilli(row.getLong(4)),
                Instant.ofEpochMilli(row.getLong(5)),
                GivenKind.values()[row.getInt(6)],
                row.getBytes(7));
    }

    @Override
    public void close() {
        file.close();
    }
}
