package dev.serai.reconcile.book;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.serai.text.ExactJson;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one target has to have: for each key a digest of the state that it took last, and the sequence of that change. It is on
 * disk, in a file of its own, so that keeping it takes nothing from the ledger's writer.
 *
 * <p>Each key has a small number as well, so that a run can note the keys that it saw in one bit each.
 *
 * <p>Threads: safe.  <p>Throws: {@link BookException}.
 */
public final class Book implements AutoCloseable {
    private static final String SELECT = "SELECT g.key, g.id, g.seq, g.accepted, g.finished, g.kind, g.digest FROM ";
    private static final String MEANING = "meaning";
    static final String FLOW = "flow";
    private static final String NEXT_ID = "nextId";

    private final BookFile file;
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
            byte @Nullable [] digest) {}

    /** A change up to which the log was read; all that was accepted before it was read too. */
    public record Followed(long sequence, String id, Instant acceptedAt) {}

    /** A change that is waiting, parked or dead. */
    public record Unsettled(long sequence, String key, Instant acceptedAt) {}

    /**
     * Opens the file, and empties it if it was made for something else.
     *
     * @param flow whose states the digests are of
     * @param meaning which of its states, and which part of them
     * @param keepsRecent whether the keys are kept of which something was taken since they were compared
     */
    public Book(Path path, String flow, String meaning, boolean keepsRecent) {
        this.file = new BookFile(path, BookFile.BOOK);
        this.recent = new RecentKeys(file, keepsRecent);
        this.notes = new RunNotes(file);
        this.times = new RunTimes(file);
        this.source = new SourceNotes(file);
        this.gap = new LogGap(file);
        if (!meaning.equals(file.meta(MEANING))) {
            empty(meaning);
        }
        if (!flow.equals(file.meta(FLOW))) {
            file.write(in -> {
                in.meta(FLOW, flow);
                return true;
            });
        }
        recent.begin();
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
            for (Unsettled one : unsettled) {
                in.update(
                        "INSERT OR REPLACE INTO unsettled (seq, key, accepted) VALUES (?, ?, ?)",
                        one.sequence(),
                        one.key(),
                        one.acceptedAt().toEpochMilli());
            }
            in.update(
                    "INSERT OR REPLACE INTO followed (shard, seq, change_id, accepted) VALUES (?, ?, ?, ?)",
                    shard,
                    upTo.sequence(),
                    upTo.id(),
                    upTo.acceptedAt().toEpochMilli());
            return true;
        });
    }

    /** @param inOrder whether each is newer than what is known of its key; else only if nothing was taken after it */
    private void put(BookFile in, List<Given> all, boolean inOrder) throws SQLException {
        long end = idEnd();
        long next = end;
        recent.taken(in, all);
        for (Given one : all) {
            Long before = in.first("SELECT finished FROM given WHERE key = ?", row -> row.getLong(1), one.key());
            long finished = one.finishedAt().toEpochMilli();
            if (before == null) {
                in.update(
                        "INSERT INTO given (key, id, seq, accepted, finished, kind, digest) VALUES (?, ?, ?, ?, ?, ?,"
                                + " ?)",
                        one.key(),
                        next++,
                        one.sequence(),
                        one.acceptedAt().toEpochMilli(),
                        finished,
                        one.kind().ordinal(),
                        one.digest());
            } else if (inOrder || before <= finished) {
                in.update(
                        "UPDATE given SET seq = ?, accepted = ?, finished = ?, kind = ?, digest = ? WHERE key = ?",
                        one.sequence(),
                        one.acceptedAt().toEpochMilli(),
                        finished,
                        one.kind().ordinal(),
                        one.digest(),
                        one.key());
            }
        }
        if (next > end) {
            in.meta(NEXT_ID, String.valueOf(next));
        }
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
            for (long sequence : over) {
                in.update("DELETE FROM unsettled WHERE seq = ?", sequence);
            }
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
        ArrayNode array = ExactJson.MAPPER.createArrayNode();
        keys.forEach(array::add);
        Map<String, Given> found = new HashMap<>(2 * keys.size());
        file.each(
                SELECT + "json_each(?) j CROSS JOIN given g WHERE g.key = j.value",
                row -> {
                    Given one = given(row);
                    found.put(one.key(), one);
                    return true;
                },
                array.toString());
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
