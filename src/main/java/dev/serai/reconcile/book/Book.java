package dev.serai.reconcile.book;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
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
    private static final String UPDATE =
            "UPDATE given SET seq = ?, accepted = ?, finished = ?, kind = ?, digest = ? WHERE key = ?";
    private static final String INSERT =
            "INSERT INTO given (seq, accepted, finished, kind, digest, key, id) VALUES (?, ?, ?, ?, ?, ?, ?)";
    private static final String MEANING = "meaning";
    static final String FLOW = "flow";
    private static final String NEXT_ID = "nextId";

    private final BookTables file;
    private final RunNotes notes;
    private final RepairNotes repairs;
    private final RecentKeys recent;
    private final RunTimes times;
    private final SourceNotes source;
    private final LogGap gap;
    private final FollowedLog log;

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
            byte @Nullable [] digest) {}

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
        this.repairs = new RepairNotes(file);
        this.times = new RunTimes(file);
        this.source = new SourceNotes(file);
        this.gap = new LogGap(file);
        this.log = new FollowedLog(file);
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

    /** What becomes of the differences that they found. */
    public RepairNotes repairs() {
        return repairs;
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

    /** How far the log was read. */
    public FollowedLog log() {
        return log;
    }

    // ---- Following the log

    /** Notes what was read of the log, all of it or nothing. */
    public void follow(LogPart part) {
        file.write(in -> {
            put(in, part.newest());
            source.accepted(in, part.versions());
            FollowedLog.read(in, part.upTo(), part.unsettled());
            return true;
        });
    }

    /**
     * Some changes that were not settled are over.
     *
     * @param over their sequences
     * @param given those that the target took, in the order of the log; one that was delivered late is the newest only if nothing
     *     was taken after it
     */
    public void settle(Collection<Long> over, List<Given> given) {
        if (over.isEmpty()) {
            return;
        }
        file.write(in -> {
            Map<String, Given> known = find(given.stream().map(Given::key).toList());
            Map<String, Given> newest = new HashMap<>();
            for (Given one : given) {
                Given before = newest.getOrDefault(one.key(), known.get(one.key()));
                if (before == null || !before.finishedAt().isAfter(one.finishedAt())) {
                    newest.put(one.key(), one);
                }
            }
            put(in, newest.values());
            FollowedLog.settled(in, over);
            return true;
        });
    }

    /** @param newest one for each key */
    private void put(BookTables in, Collection<Given> newest) throws SQLException {
        // In the order of keys each page of the table is changed once.
        List<Given> sorted =
                newest.stream().sorted(Comparator.comparing(Given::key)).toList();
        recent.taken(in, sorted);
        int[] updated = in.updateEach(UPDATE, sorted.stream().map(Book::row).toList());
        List<@Nullable Object[]> fresh = new ArrayList<>();
        long end = idEnd();
        for (int i = 0; i < updated.length; i++) {
            if (updated[i] == 0) {
                @Nullable Object[] row = Arrays.copyOf(row(sorted.get(i)), 7);
                row[6] = end + fresh.size();
                fresh.add(row);
            }
        }
        if (!fresh.isEmpty()) {
            in.updateEach(INSERT, fresh);
            in.meta(NEXT_ID, String.valueOf(end + fresh.size()));
        }
    }

    private static @Nullable Object[] row(Given one) {
        return BookTables.row(
                one.sequence(),
                one.acceptedAt().toEpochMilli(),
                one.finishedAt().toEpochMilli(),
                one.kind().ordinal(),
                one.digest(),
                one.key());
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
