package dev.serai.ledger;

import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Store.Standing;
import dev.serai.ledger.model.TargetName;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Which deliveries waited at one moment: what waits later only because these were given up is not among them. */
final class WaitingNow {
    private static final int ROWS = 500;

    private final Map<Shard, Map<TargetName, Sequences>> all = new HashMap<>();

    /** A delivery of a target in one shard. */
    record Sequence(Shard shard, TargetName target, long number) {}

    /** Ascending numbers; a million of them take 8 MB. */
    private static final class Sequences {
        private long[] numbers = new long[ROWS];
        private int size;

        void add(long number) {
            if (size == numbers.length) {
                numbers = Arrays.copyOf(numbers, 2 * size);
            }
            numbers[size] = number;
            size++;
        }

        boolean contains(long number) {
            return Arrays.binarySearch(numbers, 0, size, number) >= 0;
        }
    }

    private WaitingNow() {}

    /** Blocks while it reads. */
    static WaitingNow read(ShardMap shards, DeliveryFilter filter) {
        WaitingNow now = new WaitingNow();
        StandingWalk walk = new StandingWalk(shards, filter, DeliveryState.WAITING);
        for (StandingPage page = walk.nextThere(ROWS); page != null; page = walk.nextThere(ROWS)) {
            Sequences sequences = now.all
                    .computeIfAbsent(page.shard(), none -> new HashMap<>())
                    .computeIfAbsent(page.target(), none -> new Sequences());
            for (Standing one : page.found()) {
                sequences.add(one.entry().sequence());
            }
        }
        return now;
    }

    boolean contains(Sequence one) {
        Sequences sequences = all.getOrDefault(one.shard(), Map.of()).get(one.target());
        return sequences != null && sequences.contains(one.number());
    }
}
