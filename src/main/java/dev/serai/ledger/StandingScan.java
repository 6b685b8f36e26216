package dev.serai.ledger;

import dev.serai.ledger.DeliverySearch.FoundDelivery;
import dev.serai.ledger.DeliverySearch.FoundPage;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Store.Standing;
import dev.serai.ledger.model.StoreException.StoreAwayException;
import dev.serai.ledger.model.TargetName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Reads deliveries of all targets and shards in sequence order, up to a limit and up to so many rows.
 *
 * <p>Threads: one thread.
 */
final class StandingScan {
    /** So many rows are looked at for one page: it takes a few ten milliseconds. */
    private static final int LOOKED_MAX = 2_000;

    private final ShardMap shards;
    private final DeliveryFilter filter;
    private final Set<DeliveryState> states;
    private final List<Lane> lanes = new ArrayList<>();
    /** By shard and target the sequences that are under way. */
    private final Map<Shard, Map<TargetName, Set<Long>>> underWay = new HashMap<>();

    StandingScan(ShardMap shards, DeliveryFilter filter, Set<DeliveryState> states) {
        this.shards = shards;
        this.filter = filter;
        this.states = states;
    }

    /** The deliveries of one target in one state in one shard, a page at a time. */
    private static final class Lane {
        private static final int PAGE_FIRST = 50;
        private static final int PAGE_LAST = 250;

        private final Shard shard;
        private final BiFunction<Long, Integer, List<Standing>> read;
        private int size = PAGE_FIRST;
        private List<Standing> page;
        private int at;

        Lane(Shard shard, BiFunction<Long, Integer, List<Standing>> read, long after) {
            this.shard = shard;
            this.read = read;
            this.page = read.apply(after, size);
        }

        @Nullable Standing peek() {
            return at < page.size() ? page.get(at) : null;
        }

        long sequence() {
            return page.get(at).entry().sequence();
        }

        void next() {
            at++;
            if (at == page.size()) {
                size = Math.min(PAGE_LAST, 4 * size);
                page = read.apply(page.get(at - 1).entry().sequence(), size);
                at = 0;
            }
        }
    }

    FoundPage page(long after, int limit) {
        shards.read(shards.of(filter), shard -> lanes(shard, after)).forEach(lanes::addAll);
        return merge(limit);
    }

    private List<Lane> lanes(Shard shard, long after) {
        List<Lane> all = new ArrayList<>();
        Map<TargetName, Set<Long>> ofShard = new HashMap<>();
        underWay.put(shard, ofShard);
        for (TargetName name : shard.store().targets()) {
            if (filter.covers(name)) {
                ofShard.put(name, shard.delivering(name));
            }
        }
        addStored(shard, after, all);
        if (states.contains(DeliveryState.DELIVERING)) {
            ofShard.forEach((name, sequences) -> {
                if (!sequences.isEmpty()) {
                    all.add(new Lane(shard, (from, most) -> delivering(shard, name, sequences, from), after));
                }
            });
        }
        return all;
    }

    private void addStored(Shard shard, long after, List<Lane> all) {
        for (DeliveryState state : states) {
            if (state != DeliveryState.DELIVERING) {
                for (TargetName name : shard.store().targetsWith(state)) {
                    if (filter.covers(name)) {
                        all.add(new Lane(
                                shard,
                                (from, most) -> shard.store().standing(name, state, filter.cause(), from, most),
                                after));
                    }
                }
            }
        }
    }

    private List<Standing> delivering(Shard shard, TargetName name, Set<Long> sequences, long after) {
        return sequences.stream()
                .filter(sequence -> sequence > after)
                .sorted()
                .map(sequence -> delivering(shard, name, sequence))
                .filter(Objects::nonNull)
                .filter(one -> DeliverySearch.hasCause(filter, one.delivery()))
                .toList();
    }

    private static @Nullable Standing delivering(Shard shard, TargetName name, long sequence) {
        Entry entry = shard.store().entry(sequence).orElse(null);
        Delivery stored = shard.store().deliveries(sequence).stream()
                .filter(delivery -> delivery.target().equals(name))
                .findFirst()
                .orElse(new Delivery(name, DeliveryState.PENDING, 0, null, null, null, null));
        return entry == null || stored.state().isSettled()
                ? null
                : new Standing(entry, Overview.with(stored, DeliveryState.DELIVERING, null), 0);
    }

    private FoundPage merge(int limit) {
        List<FoundDelivery> found = new ArrayList<>();
        PriorityQueue<Lane> queue = new PriorityQueue<>(Comparator.comparingLong(Lane::sequence));
        lanes.stream().filter(lane -> lane.peek() != null).forEach(queue::add);
        long last = 0;
        int looked = 0;
        while (!queue.isEmpty()) {
            Lane lane = queue.remove();
            if (lane.sequence() != last && (found.size() >= limit || looked >= LOOKED_MAX)) {
                return new FoundPage(found, last);
            }
            last = lane.sequence();
            looked++;
            try {
                take(lane, found);
                lane.next();
                if (lane.peek() != null) {
                    queue.add(lane);
                }
            } catch (StoreAwayException e) {
                shards.reads().leaveOut(lane.shard.number(), e);
            }
        }
        return new FoundPage(found, null);
    }

    /** What is under way is taken from its own lane only. */
    private void take(Lane lane, List<FoundDelivery> found) {
        Standing one = Objects.requireNonNull(lane.peek());
        Delivery delivery = one.delivery();
        boolean isUnderWay = Objects.requireNonNull(underWay.get(lane.shard))
                .getOrDefault(delivery.target(), Set.of())
                .contains(one.entry().sequence());
        boolean isOfThisLane = isUnderWay == (delivery.state() == DeliveryState.DELIVERING);
        if (isOfThisLane && DeliverySearch.matches(filter, one.entry(), delivery)) {
            found.add(DeliverySearch.found(lane.shard, one.entry(), Overview.onWallClock(lane.shard, delivery)));
        }
    }
}
