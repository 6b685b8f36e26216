package dev.serai.store;

import dev.serai.ledger.model.TargetName;
import dev.serai.store.jdbc.Session;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The writer's cache of the numbers that stand for flows and targets in the tables.
 *
 * <p>Threads: one thread, the writer.
 */
final class NumberCache {

    /**
     * A flow's number.
     *
     * @param purged the sequence up to which retention has walked the flow
     * @param deleted the highest sequence that retention deleted in it
     */
    record FlowNumber(int id, long purged, long deleted) {}

    private final Map<String, FlowNumber> flows = new HashMap<>();
    private final Map<TargetName, Integer> targets = new HashMap<>();

    /** The flow; it is inserted if it is new. */
    FlowNumber flow(Session session, String name) {
        FlowNumber flow = flows.get(name);
        if (flow == null) {
            flow = session.first(
                    "flow",
                    row -> new FlowNumber(row.getInt("id"), row.getLong("purged"), row.getLong("deleted")),
                    name);
            if (flow == null) {
                flow = new FlowNumber((int) session.number("nextFlowId"), 0, 0);
                session.update("insertFlow", flow.id(), name);
            }
            flows.put(name, flow);
        }
        return flow;
    }

    /** The target's number, or null if it does not exist. */
    @Nullable Integer target(Session session, TargetName name) {
        Integer id = targets.get(name);
        if (id == null) {
            int flow = flow(session, name.flow()).id();
            id = session.first("targetId", row -> row.getInt("id"), flow, name.target());
            if (id != null) {
                targets.put(name, id);
            }
        }
        return id;
    }

    /** The number of a target that exists; throws {@link IllegalArgumentException} if it does not. */
    int id(Session session, TargetName name) {
        Integer id = target(session, name);
        if (id == null) {
            throw new IllegalArgumentException("target " + name + " does not exist");
        }
        return id;
    }

    /** Clears the cache, after a rollback or after targets or the progress of retention changed. */
    void forget() {
        flows.clear();
        targets.clear();
    }
}
