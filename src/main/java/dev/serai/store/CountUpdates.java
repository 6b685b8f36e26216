package dev.serai.store;

import dev.serai.ledger.model.DeliveryState;
import dev.serai.store.jdbc.Rows;
import dev.serai.store.jdbc.Session;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Collects what a transaction adds to the counts of flows and targets, and saves it with one update each.
 *
 * <p>Threads: one thread, the writer.
 */
final class CountUpdates {
    private static final int STATES = 8;

    private final Map<Integer, long[]> flows = new LinkedHashMap<>();
    private final Map<Integer, long[]> targets = new LinkedHashMap<>();
    private final Map<Integer, Long> positions = new LinkedHashMap<>();
    private final Set<Integer> failed = new HashSet<>();

    void accepted(int flow) {
        flow(flow)[0]++;
    }

    void duplicate(int flow) {
        flow(flow)[1]++;
    }

    /** Counts a delivery of the target into its new state. */
    void entered(int target, DeliveryState state) {
        count(target, state, 1);
    }

    void left(int target, DeliveryState state) {
        count(target, state, -1);
    }

    private void count(int target, DeliveryState state, int change) {
        target(target)[Rows.code(state)] += change;
        if (state == DeliveryState.WAITING || state == DeliveryState.DEAD) {
            failed.add(target);
        }
    }

    /** The targets of which a delivery that failed changed in this transaction. */
    Set<Integer> failed() {
        return failed;
    }

    void position(int target, long sequence) {
        positions.put(target, sequence);
    }

    void save(Session session) {
        batch(session);
        session.flushAll("countFlow", "countTarget", "position");
    }

    /** Leaves the updates to the session's next flush. */
    void batch(Session session) {
        flows.forEach((flow, counts) -> session.batch("countFlow", counts[0], counts[1], flow));
        targets.forEach((target, counts) -> session.batch(
                "countTarget", counts[1], counts[2], counts[3], counts[4], counts[5], counts[6], counts[7], target));
        positions.forEach((target, sequence) -> session.batch("position", sequence, target));
        flows.clear();
        targets.clear();
        positions.clear();
    }

    private long[] flow(int id) {
        return flows.computeIfAbsent(id, none -> new long[2]);
    }

    private long[] target(int id) {
        return targets.computeIfAbsent(id, none -> new long[STATES]);
    }
}
