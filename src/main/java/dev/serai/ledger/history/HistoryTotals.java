package dev.serai.ledger.history;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * All that was counted of flows and targets up to a moment, and what waits then.
 *
 * <p>Threads: one thread at a time.
 */
public final class HistoryTotals {
    private final Map<FlowPart, HistoryCounts> counts = new HashMap<>();

    /** @param target empty for the flow itself */
    private record FlowPart(String flow, String target) {}

    /** Adds a flow; of several shards, one after the other. */
    public void addFlow(String flow, long accepted, long duplicates) {
        add(new FlowPart(flow, ""), new HistoryCounts(accepted, duplicates, 0, 0, 0, 0, 0));
    }

    /** Adds a target; of several shards, one after the other. */
    public void addTarget(
            String flow, String target, long delivered, long failed, long dead, long pending, long oldestMillis) {
        add(new FlowPart(flow, target), new HistoryCounts(0, 0, delivered, failed, dead, pending, oldestMillis));
    }

    private void add(FlowPart part, HistoryCounts more) {
        counts.merge(part, more, HistoryCounts::plus);
    }

    /** What happened after the earlier moment, where anything did, and at last the sum of all. */
    public List<HistoryRow> since(HistoryTotals before) {
        List<HistoryRow> rows = new ArrayList<>();
        HistoryCounts all = HistoryCounts.NONE;
        for (Map.Entry<FlowPart, HistoryCounts> now : counts.entrySet()) {
            FlowPart part = now.getKey();
            HistoryCounts grown = now.getValue().since(before.counts.getOrDefault(part, HistoryCounts.NONE));
            if (!grown.isNothing()) {
                rows.add(new HistoryRow(part.flow, part.target.isEmpty() ? null : part.target, grown));
                all = all.plus(grown);
            }
        }
        rows.add(new HistoryRow(null, null, all));
        return rows;
    }
}
