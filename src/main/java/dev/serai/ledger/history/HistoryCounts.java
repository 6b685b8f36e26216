package dev.serai.ledger.history;

/**
 * What happened in a period.
 *
 * @param accepted changes, duplicates not counted
 * @param failed attempts that failed, those too that are not held against a change because its target is down
 * @param dead changes that were given up
 * @param pending changes that the target does not have yet, dead letters not counted; of several minutes the most
 * @param oldestMillis the age of the oldest of them; of several minutes the highest
 */
public record HistoryCounts(
        long accepted, long duplicates, long delivered, long failed, long dead, long pending, long oldestMillis) {
    public static final HistoryCounts NONE = new HistoryCounts(0, 0, 0, 0, 0, 0, 0);

    /** Whether nothing happened and nothing waits. */
    public boolean isNothing() {
        return equals(NONE);
    }

    /** Of two flows or targets in the same period. */
    public HistoryCounts plus(HistoryCounts other) {
        return sum(other, pending + other.pending, Math.max(oldestMillis, other.oldestMillis));
    }

    /** Of the same flow or target, with a later part of the same minute, at whose end the later one is true. */
    public HistoryCounts then(HistoryCounts later) {
        return sum(later, later.pending, later.oldestMillis);
    }

    /** Of the same flow or target, with another minute of the same hour. */
    public HistoryCounts with(HistoryCounts minute) {
        return sum(minute, Math.max(pending, minute.pending), Math.max(oldestMillis, minute.oldestMillis));
    }

    /** What came after an earlier moment, of the same flow or target. A count that is lower than before began anew. */
    HistoryCounts since(HistoryCounts before) {
        return new HistoryCounts(
                grown(before.accepted, accepted),
                grown(before.duplicates, duplicates),
                grown(before.delivered, delivered),
                grown(before.failed, failed),
                grown(before.dead, dead),
                pending,
                oldestMillis);
    }

    private static long grown(long before, long after) {
        return after < before ? after : after - before;
    }

    private HistoryCounts sum(HistoryCounts other, long pendingNow, long oldestNow) {
        return new HistoryCounts(
                accepted + other.accepted,
                duplicates + other.duplicates,
                delivered + other.delivered,
                failed + other.failed,
                dead + other.dead,
                pendingNow,
                oldestNow);
    }
}
