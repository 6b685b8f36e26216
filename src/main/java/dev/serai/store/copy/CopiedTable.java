package dev.serai.store.copy;

import java.util.List;

/**
 * A table of a shard, as it is copied.
 *
 * @param key the columns that identify a row and give the order; none if the table has one row
 * @param batch how many rows are read at once: few where rows are large
 */
record CopiedTable(String name, List<String> key, int batch) {
    private static final int SMALL_ROWS = 1_000;
    private static final int LARGE_ROWS = 32;

    /** All tables of a shard, each after those that it refers to; of the log, changes come first. */
    static final List<CopiedTable> ALL = List.of(
            small("flow", "id"),
            small("target", "id"),
            small("removed_target", "id"),
            small("change", "seq"),
            large("payload", "seq"),
            small("delivery", "target", "seq"),
            large("attempt", "seq", "id"),
            small("delivered_version", "target", "key"),
            small("cursor", "name"),
            small("revisit", "seq"),
            small("last_purged"),
            small("unchecked"),
            large("run", "number"),
            large("run_page", "run", "kind", "first_hash", "number"),
            large("run_filter", "run", "kind", "slice"),
            small("clock", "id"),
            small("retention_mark", "running"),
            small("dead_age", "target", "seq"),
            small("replay", "id"),
            small("audit", "id"),
            small("history", "step", "at", "flow", "target"),
            small("state_change", "id"),
            small("transition_count", "step", "at", "target", "cell"),
            small("regime_period", "target", "started"),
            small("forecast_score", "at", "target", "col"));

    private static CopiedTable small(String name, String... key) {
        return new CopiedTable(name, List.of(key), SMALL_ROWS);
    }

    private static CopiedTable large(String name, String... key) {
        return new CopiedTable(name, List.of(key), LARGE_ROWS);
    }

    boolean hasOneRow() {
        return key.isEmpty();
    }
}
