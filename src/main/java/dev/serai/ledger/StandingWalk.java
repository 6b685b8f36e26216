package dev.serai.ledger;

import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Store.Standing;
import dev.serai.ledger.model.TargetName;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the deliveries that match a filter, in one state, one page after the other: target by target and shard by shard, each in
 * sequence order, each delivery once, and none of changes that were accepted after it began.
 *
 * <p>Threads: one thread at a time.
 */
final class StandingWalk {
    private static final int ROWS = 500;

    private final DeliveryFilter filter;
    private final DeliveryState state;
    private final Deque<ShardTarget> lanes = new ArrayDeque<>();
    private final long last;
    private long after;

    /** The deliveries of a target in one shard. @param newest the newest change when the walk began */
    private record ShardTarget(Shard shard, TargetName target, long newest) {}

    StandingWalk(ShardMap shards, DeliveryFilter filter, DeliveryState state) {
        this.filter = filter;
        this.state = state;
        this.last = filter.sequences().stream().max(Long::compare).orElse(Long.MAX_VALUE);
        for (Shard shard : shards.all()) {
            for (TargetName name : shard.store().targetsWith(state)) {
                if (filter.covers(name)) {
                    lanes.add(new ShardTarget(shard, name, shard.store().lastSequence()));
                }
            }
        }
        after = begin();
    }

    private long begin() {
        return filter.sequences().stream().min(Long::compare).orElse(1L) - 1;
    }

    /** The next page, which may be empty, of at most so many; null when all is read. */
    @Nullable StandingPage next(int most) {
        ShardTarget lane = lanes.peek();
        if (lane == null) {
            return null;
        }
        List<Standing> rows = lane.shard().store().standing(lane.target(), state, filter.cause(), after, ROWS);
        List<Standing> found = rows.stream()
                .filter(one -> DeliverySearch.matches(filter, one.entry(), one.delivery()))
                .limit(most)
                .toList();
        after = found.size() == most
                ? found.get(most - 1).entry().sequence()
                : rows.isEmpty()
                        ? Long.MAX_VALUE
                        : rows.get(rows.size() - 1).entry().sequence();
        if (rows.isEmpty() || after >= Math.min(last, lane.newest())) {
            lanes.remove();
            after = begin();
        }
        return new StandingPage(lane.shard(), lane.target(), found);
    }

    static long count(ShardMap shards, DeliveryFilter filter, DeliveryState state) {
        StandingWalk walk = new StandingWalk(shards, filter, state);
        long count = 0;
        for (StandingPage page = walk.next(ROWS); page != null; page = walk.next(ROWS)) {
            count += page.found().size();
        }
        return count;
    }
}
