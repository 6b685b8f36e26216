package dev.serai.store;

import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Store.CauseCount;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Why the deliveries of each target failed, counted anew only after one of them changed: the count reads a row for each of them.
 *
 * <p>Threads: safe.
 */
final class CauseCounts {
    /** Longer lists are not kept, because each cause has a text. */
    private static final int KEPT_MAX = 200;

    private record CountKey(int target, DeliveryState state) {}

    /** @param changes how often failed deliveries of the target had changed before the count began */
    private record Counted(long changes, List<CauseCount> causes) {

        /** None of them is recent: otherwise the time alone would change the count. */
        boolean holds(long changesNow, Instant since) {
            return changes == changesNow
                    && causes.stream()
                            .allMatch(
                                    cause -> cause.recent() == 0 && cause.last().isBefore(since));
        }
    }

    private final Map<Integer, Long> changes = new ConcurrentHashMap<>();
    private final Map<CountKey, Counted> kept = new ConcurrentHashMap<>();
    private volatile boolean stopped;

    /** A transaction that changed failed deliveries of these targets was committed. */
    void changed(Set<Integer> targets) {
        targets.forEach(target -> changes.merge(target, 1L, Long::sum));
    }

    /** From now on each is counted, since it is unknown what was committed. */
    void stop() {
        stopped = true;
    }

    /** @param count reads what is committed */
    List<CauseCount> of(int target, DeliveryState state, Instant since, Supplier<List<CauseCount>> count) {
        CountKey key = new CountKey(target, state);
        long now = changes.getOrDefault(target, 0L);
        Counted known = kept.get(key);
        if (known != null && !stopped && known.holds(now, since)) {
            return known.causes();
        }
        List<CauseCount> causes = count.get();
        if (causes.size() <= KEPT_MAX) {
            kept.put(key, new Counted(now, causes));
        } else {
            kept.remove(key);
        }
        return causes;
    }
}
