package dev.serai.store;

import dev.serai.store.index.ChangeSearch;
import dev.serai.store.index.IdIndex;
import dev.serai.store.jdbc.Session;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Deletes delivered versions that were saved a retention ago and whose key has no change in the log: so nothing of the key is
 * pending, open or dead.
 *
 * <p>It walks through all of them once whenever retention goes on. The progress is kept in memory only.
 *
 * <p>Threads: one thread, the writer.
 */
final class VersionSweep {
    private static final int ROWS = 25;

    private record SavedVersion(
            int target,
            String key,
            @Nullable Long lastSequence,
            @Nullable String flow) {}

    private final ChangeSearch search;
    private boolean underWay;
    private long sweptUpTo;
    private int target;
    private String key = "";

    VersionSweep(IdIndex ids) {
        this.search = new ChangeSearch(ids);
    }

    /** Does one step; returns whether there is more to do. */
    boolean step(Session session, long lastSequence, long settledUpTo, BooleanSupplier isOver) {
        if (!underWay && settledUpTo > sweptUpTo) {
            underWay = true;
            sweptUpTo = settledUpTo;
            target = 0;
            key = "";
        }
        while (underWay) {
            List<SavedVersion> rows = session.list(
                    "versionsAfter",
                    row -> new SavedVersion(
                            row.getInt("target"),
                            row.getString("key"),
                            row.getObject("last_seq") == null ? null : row.getLong("last_seq"),
                            row.getString("flow")),
                    target,
                    key,
                    ROWS);
            rows.forEach(row -> sweep(session, row, lastSequence));
            underWay = rows.size() == ROWS;
            if (isOver.getAsBoolean()) {
                break;
            }
        }
        return underWay;
    }

    private void sweep(Session session, SavedVersion saved, long lastSequence) {
        target = saved.target();
        key = saved.key();
        String flow = saved.flow();
        if (flow == null) {
            return; // a removed target's: deleted with its deliveries
        }
        if (saved.lastSequence() == null) {
            session.update("dateVersion", lastSequence, target, key);
        } else if (saved.lastSequence() < sweptUpTo
                && search.newest(session, flow, key, List.of(), 0, 1).isEmpty()) {
            session.update("deleteVersion", target, key);
        }
    }
}
