package dev.serai.reconcile.book;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.serai.text.ExactJson;
import java.time.Instant;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a run has found so far, so that it goes on after a kill, and what the last one found.
 *
 * <p>Threads: safe.  <p>Throws: {@link BookException}.
 */
public final class RunNotes {
    private static final TypeReference<List<String>> TEXTS = new TypeReference<>() {};
    private static final Logger LOG = LoggerFactory.getLogger(RunNotes.class);
    private static final String REPORT = "report";
    private static final String OPEN = "open";
    private static final String OPEN_SINCE = "openSince";

    /** Selects what is not equal on a side that should have nothing else. */
    private static final String UNEQUAL =
            "kind IN ('missing', 'stale', 'differs', 'extra') AND COALESCE(repair, '') <> '" + RepairNotes.REPAIRED
                    + "'";

    /** Selects what the target should have and does not, as far as that is known. */
    static final String UNRESOLVED = "accepted IS NOT NULL AND COALESCE(repair, '') <> '" + RepairNotes.REPAIRED + "'";

    private final BookTables file;

    /**
     * A key that is not equal.
     *
     * @param kind missing, stale, extra or differs; pending or unknown if it could not be compared
     * @param fields the names of the fields that differ, as far as that is known
     * @param acceptedAt when the change was accepted that the target should have; null if there is none
     * @param sequence of that change, 0 if there is none
     * @param repair what became of its repair; null if it was not tried
     */
    public record KeyDifference(
            String key,
            String kind,
            List<String> fields,
            @Nullable Instant acceptedAt,
            long sequence,
            @Nullable String repair) {

        /** Whether its change was delivered again, and it is not known yet whether that helped. */
        public boolean isRedelivered() {
            return RepairNotes.REDELIVERED.equals(repair);
        }
    }

    /**
     * Keys that are missing, stale or different and were not repaired.
     *
     * @param since when the first of them was found; meaningless if there are none
     */
    public record OpenDifferences(long keys, Instant since) {}

    /** A run that was not finished: its state as it was saved, and the numbers of the keys that it saw. */
    public record SavedRun(String state, BitSet seen) {}

    RunNotes(BookTables file) {
        this.file = file;
    }

    /** A new run begins: what the last one found is forgotten, except its report. */
    public void begin() {
        file.write(in -> {
            in.update("DELETE FROM suspect");
            RepairNotes.forgetBegun(in);
            return in.update("DELETE FROM difference");
        });
    }

    /** Saves how far the run is. */
    public void save(String state, BitSet seen) {
        file.write(in -> {
            in.update(
                    "INSERT INTO run (id, state, seen) VALUES (1, ?, ?) ON CONFLICT (id) DO UPDATE SET"
                            + " state = excluded.state, seen = excluded.seen",
                    state,
                    seen.toByteArray());
            return true;
        });
    }

    /** The run that was not finished; null if there is none. */
    public @Nullable SavedRun saved() {
        return file.first(
                "SELECT state, seen FROM run WHERE id = 1",
                row -> new SavedRun(row.getString(1), BitSet.valueOf(row.getBytes(2))));
    }

    /** The run is over. */
    public void end(String report) {
        file.write(in -> {
            in.update("DELETE FROM suspect");
            in.update("DELETE FROM run");
            RepairNotes.forgetBegun(in);
            in.meta(REPORT, report);
            return true;
        });
    }

    /** What {@link #end} was given last; null if no run has ended. */
    public @Nullable String report() {
        return file.meta(REPORT);
    }

    // ---- Suspects

    public void suspect(Collection<String> keys) {
        file.writeEach("INSERT INTO suspect (key) VALUES (?) ON CONFLICT (key) DO NOTHING", rows(keys));
    }

    public void clear(Collection<String> keys) {
        file.writeEach("DELETE FROM suspect WHERE key = ?", rows(keys));
    }

    private static List<@Nullable Object[]> rows(Collection<String> keys) {
        return keys.stream().map(key -> BookTables.row(key)).toList();
    }

    /** The next of them, in their order. */
    public List<String> suspects(String after, int limit) {
        return file.list(
                "SELECT key FROM suspect WHERE key > ? ORDER BY key LIMIT ?", row -> row.getString(1), after, limit);
    }

    public boolean isSuspect(String key) {
        return file.number("SELECT COUNT(*) FROM suspect WHERE key = ?", key) > 0;
    }

    public long suspects() {
        return file.number("SELECT COUNT(*) FROM suspect");
    }

    // ---- Differences

    public void put(Collection<KeyDifference> differences) {
        file.writeEach(
                "INSERT INTO difference (key, kind, fields, accepted, seq) VALUES (?, ?, ?, ?, ?)"
                        + " ON CONFLICT (key) DO UPDATE SET kind = excluded.kind, fields = excluded.fields,"
                        + " accepted = excluded.accepted, seq = excluded.seq,"
                        + " repair = CASE WHEN difference.repair = '" + RepairNotes.REDELIVERED + "' THEN '"
                        + RepairNotes.FUTILE
                        + "' ELSE difference.repair END",
                differences.stream().map(RunNotes::row).toList());
    }

    private static @Nullable Object[] row(KeyDifference one) {
        Instant accepted = one.acceptedAt();
        return BookTables.row(
                one.key(),
                one.kind(),
                json(one.fields()),
                accepted == null ? null : accepted.toEpochMilli(),
                one.sequence());
    }

    private static String json(List<String> texts) {
        return ExactJson.MAPPER.valueToTree(texts).toString();
    }

    private static List<String> texts(String json) {
        try {
            return ExactJson.MAPPER.readValue(json, TEXTS);
        } catch (JsonProcessingException e) {
            LOG.warn(
                    "The fields in which a key differs cannot be read, so they are not shown: {}",
                    e.getOriginalMessage());
            return List.of();
        }
    }

    /** The next of them, in the order of their keys. */
    public List<KeyDifference> differences(String after, int limit) {
        return file.list(
                "SELECT key, kind, fields, accepted, seq, repair FROM difference WHERE key > ? ORDER BY key LIMIT ?",
                row -> {
                    long accepted = row.getLong(4);
                    return new KeyDifference(
                            row.getString(1),
                            row.getString(2),
                            texts(row.getString(3)),
                            row.wasNull() ? null : Instant.ofEpochMilli(accepted),
                            row.getLong(5),
                            row.getString(6));
                },
                after,
                limit);
    }

    /** How many there are of each kind, repaired ones too. */
    public Map<String, Long> counts() {
        Map<String, Long> counts = new LinkedHashMap<>();
        file.each("SELECT kind, COUNT(*) FROM difference GROUP BY kind", row -> {
            counts.put(row.getString(1), row.getLong(2));
            return true;
        });
        return counts;
    }

    /** Those of the last run that {@link #setOpen} was called after. */
    public OpenDifferences open() {
        String keys = file.meta(OPEN);
        String since = file.meta(OPEN_SINCE);
        return new OpenDifferences(
                keys == null ? 0 : Long.parseLong(keys),
                Instant.ofEpochMilli(since == null ? 0 : Long.parseLong(since)));
    }

    /**
     * What the run has found to differ is what is open now.
     *
     * @param least so many are open, whatever the run has found
     * @param withExtra whether extra keys are, too
     */
    public OpenDifferences setOpen(long least, Instant now, boolean withExtra) {
        String which = withExtra ? UNEQUAL : RepairNotes.REPAIRABLE;
        long keys = Math.max(least, file.number("SELECT COUNT(*) FROM difference WHERE " + which));
        OpenDifferences before = open();
        OpenDifferences open = new OpenDifferences(keys, before.keys() > 0 ? before.since() : now);
        file.write(in -> {
            in.meta(OPEN, String.valueOf(keys));
            in.meta(OPEN_SINCE, String.valueOf(open.since().toEpochMilli()));
            return true;
        });
        return open;
    }

    /** How many of them were repaired. */
    public long repaired() {
        return file.number("SELECT COUNT(*) FROM difference WHERE repair = '" + RepairNotes.REPAIRED + "'");
    }

    /** When the oldest change was accepted that is missing, stale or different now; null if none is. */
    public @Nullable Instant oldestOpen() {
        return oldest(RepairNotes.REPAIRABLE);
    }

    /**
     * When the oldest change was accepted that the target should have and does not, as far as that is known; null if there is none.
     *
     * @param mark what was accepted up to then was equal: of a key of which something newer is on its way that is all that can be
     *     said; null if nothing is known
     */
    public @Nullable Instant oldestDifference(@Nullable Instant mark) {
        return oldest(
                UNRESOLVED + " AND NOT (kind = 'pending' AND accepted <= ?)", mark == null ? 0 : mark.toEpochMilli());
    }

    private @Nullable Instant oldest(String which, Object... parameters) {
        long oldest = file.number("SELECT MIN(accepted) FROM difference WHERE " + which, parameters);
        return oldest == 0 ? null : Instant.ofEpochMilli(oldest);
    }
}
