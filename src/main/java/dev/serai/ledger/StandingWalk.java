package dev.serai.ledger;

import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Store.Standing;
import dev.serai.ledger.model.StoreException.StoreAwayException;
import dev.serai.ledger.model.TargetName;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the deliveries that match a filter, in one state, one page after the other: target by target and shard by shard, each in
 * sequence order, each delivery once, and none of changes that were accepted after it began. Shards whose database is away come
 * last, when the others are read.
 *
 * <p>Threads: one thread at a time.
 */
final class StandingWalk {
    private static final int ROWS = 500;

    private final ShardMap shards;
    private final DeliveryFilter filter;
    private final DeliveryState state;
    private final Deque<ShardTarget> lanes = new ArrayDeque<>();
    /** Not begun, since their database is away. */
    private final Set<Shard> missing = new LinkedHashSet<>();
    /** Begun before their database was away. */
    private final List<ShardTarget> broken = new ArrayList<>();

    private final long first;
    private final long last;
    private long after;

    /**
     * The deliveries of a target in one shard.
     *
     * @param newest the newest change when the walk began
     * @param from what comes after this sequence is left
     */
    private record ShardTarget(Shard shard, TargetName target, long newest, long from) {}

    private record ShardLanes(Shard shard, List<ShardTarget> lanes) {}

    StandingWalk(ShardMap shards, DeliveryFilter filter, DeliveryState state) {
        this.shards = shards;
        this.filter = filter;
        this.state = state;
        this.first = filter.sequences().stream().min(Long::compare).orElse(1L) - 1;
        this.last = filter.sequences().stream().max(Long::compare).orElse(Long.MAX_VALUE);
        missing.addAll(shards.of(filter));
        begin(List.copyOf(missing));
    }

    private void begin(Collection<Shard> some) {
        for (ShardLanes read : shards.read(some, this::lanes)) {
            if (missing.remove(read.shard())) {
                lanes.addAll(read.lanes());
            }
            broken.stream().filter(lane -> lane.shard() == read.shard()).forEach(lanes::add);
            broken.removeIf(lane -> lane.shard() == read.shard());
        }
        after = from();
    }

    private ShardLanes lanes(Shard shard) {
        List<ShardTarget> found = new ArrayList<>();
        for (TargetName name : shard.store().targetsWith(state)) {
            if (filter.covers(name)) {
                found.add(new ShardTarget(shard, name, shard.store().lastSequence(), first));
            }
        }
        return new ShardLanes(shard, found);
    }

    private long from() {
        ShardTarget lane = lanes.peek();
        return lane == null ? first : lane.from();
    }

    /**
     * The next page, which may be empty, of at most so many; null when all is read. Throws {@link StoreAwayException} when all is read
     * but what is away; called again, it goes on there once that is back.
     */
    @Nullable StandingPage next(int most) {
        StandingPage page = nextThere(most);
        while (page == null && !(missing.isEmpty() && broken.isEmpty())) {
            Set<Shard> away = new LinkedHashSet<>(missing);
            broken.forEach(lane -> away.add(lane.shard()));
            try {
                begin(away);
            } catch (StoreAwayException e) {
                throw new StoreAwayException(
                        shards.reads().line(away.stream().map(Shard::number).toList()), e);
            }
            page = nextThere(most);
        }
        return page;
    }

    /** As {@link #next}, but null when all is read that is not away. */
    @Nullable StandingPage nextThere(int most) {
        ShardTarget lane = lanes.peek();
        if (lane == null) {
            return null;
        }
        List<Standing> rows;
        try {
            rows = lane.shard().store().standing(lane.target(), state, filter.cause(), after, ROWS);
        } catch (StoreAwayException e) {
            shards.reads().leaveOut(lane.shard().number(), e);
            broken.add(new ShardTarget(lane.shard(), lane.target(), lane.newest(), after));
            lanes.remove();
            after = from();
            return new StandingPage(lane.shard(), lane.target(), List.of());
        }
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
            after = from();
        }
        return new StandingPage(lane.shard(), lane.target(), found);
    }

    static long count(ShardMap shards, DeliveryFilter filter, DeliveryState state) {
        StandingWalk walk = new StandingWalk(shards, filter, state);
        long count = 0;
        for (StandingPage page = walk.nextThere(ROWS); page != null; page = walk.nextThere(ROWS)) {
            count += page.found().size();
        }
        return count;
    }
}
