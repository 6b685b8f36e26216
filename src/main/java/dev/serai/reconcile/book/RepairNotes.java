package dev.serai.reconcile.book;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.serai.text.ExactJson;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of the differences that a run repairs, so that it goes on after a kill and repairs none of them twice.
 *
 * <p>Threads: safe.  <p>Throws: {@link BookException}.
 */
public final class RepairNotes {
    private static final Logger LOG = LoggerFactory.getLogger(RepairNotes.class);

    /** The change of the key was delivered again, and it is not known yet whether that helped. */
    public static final String REDELIVERED = "delivered again";
    /** It is equal now. */
    public static final String REPAIRED = "repaired";

    static final String FUTILE = "delivered again, and it is not equal yet";

    /** Selects what a repair may end and has not. */
    static final String REPAIRABLE =
            "kind IN ('missing', 'stale', 'differs') AND COALESCE(repair, '') <> '" + REPAIRED + "'";

    private static final String BEGUN = "begunRepairs";

    private final BookTables file;

    /**
     * A change that the ledger is about to be asked to deliver again.
     *
     * @param finishedAt when its delivery had ended before; another time means that it was delivered again
     */
    public record BegunRepair(
            String key, long sequence, @Nullable Instant finishedAt) {}

    RepairNotes(BookTables file) {
        this.file = file;
    }

    static void forgetBegun(BookTables in) throws SQLException {
        in.meta(BEGUN, null);
    }

    /** Notes which changes the ledger is about to be asked for; {@link #note} has to follow. */
    public void begin(Collection<BegunRepair> repairs) {
        ArrayNode json = ExactJson.MAPPER.createArrayNode();
        for (BegunRepair one : repairs) {
            Instant finished = one.finishedAt();
            json.addArray()
                    .add(one.key())
                    .add(one.sequence())
                    .add(finished == null ? null : Long.valueOf(finished.toEpochMilli()));
        }
        file.writeMeta(BEGUN, json.toString());
    }

    /** Those of which {@link #note} has not said what became of them, as after a kill. */
    public List<BegunRepair> begun() {
        String saved = file.meta(BEGUN);
        List<BegunRepair> begun = new ArrayList<>();
        try {
            for (JsonNode one : saved == null ? ExactJson.MAPPER.createArrayNode() : ExactJson.MAPPER.readTree(saved)) {
                JsonNode finished = one.path(2);
                begun.add(new BegunRepair(
                        one.path(0).asText(),
                        one.path(1).asLong(),
                        finished.isNumber() ? Instant.ofEpochMilli(finished.asLong()) : null));
            }
        } catch (JsonProcessingException e) {
            LOG.warn(
                    "Which changes an interrupted repair was delivering cannot be read, so some may be delivered"
                            + " again: {}",
                    e.getOriginalMessage());
        }
        return begun;
    }

    /** Notes by key what became of its repair, in one commit; what was begun is over. */
    public void note(Map<String, String> outcomes) {
        List<@Nullable Object[]> rows = outcomes.entrySet().stream()
                .map(one -> BookTables.row(one.getValue(), one.getKey()))
                .toList();
        file.write(in -> {
            in.updateEach("UPDATE difference SET repair = ? WHERE key = ?", rows);
            forgetBegun(in);
            return true;
        });
    }

    /** Keys are equal now; returns those that are so because they were delivered again. */
    public Set<String> repaired(List<String> keys) {
        Set<String> repaired = new HashSet<>();
        if (keys.isEmpty()) {
            return repaired;
        }
        return file.write(in -> {
            int[] updated = in.updateEach(
                    "UPDATE difference SET repair = '" + REPAIRED + "' WHERE key = ? AND repair = '" + REDELIVERED
                            + "'",
                    keys.stream().map(key -> BookTables.row(key)).toList());
            for (int i = 0; i < updated.length; i++) {
                if (updated[i] > 0) {
                    repaired.add(keys.get(i));
                }
            }
            return repaired;
        });
    }

    /** Whether a key has a difference that a repair may end and has not. */
    public boolean isOpen(String key) {
        return file.number("SELECT COUNT(*) FROM difference WHERE key = ? AND " + REPAIRABLE, key) > 0;
    }
}
