package dev.serai.ledger;

import dev.serai.ledger.cause.Cause;
import dev.serai.ledger.model.ChangeQuery;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Hash;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.Store.CauseCount;
import dev.serai.ledger.model.Store.Standing;
import dev.serai.ledger.model.TargetName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds deliveries that have not ended well, and why: what is pending, being delivered, retrying, blocked or dead.
 *
 * <p>Threads: safe.
 */
public final class DeliverySearch {
    /** The states that can be listed. */
    public static final Set<DeliveryState> STATES = EnumSet.of(
            DeliveryState.PENDING,
            DeliveryState.DELIVERING,
            DeliveryState.WAITING,
            DeliveryState.PARKED,
            DeliveryState.DEAD);

    /** How long a failure is {@link CauseCount#recent}. */
    public static final Duration RECENT = Duration.ofMinutes(5);

    private static final int CHANGES_OF_KEY_MAX = 1_000;
    private static final int BEHIND_MAX = 1_000;
    private static final int HELD_PAGE = 1_000;
    /** Changes that were looked for together are often near each other. */
    private static final int NEAR_MAX = 20;

    private static final long NEAR_BYTES_MAX = 1 << 18;
    private static final Comparator<CauseCount> MOST_FIRST = Comparator.comparingLong(CauseCount::count)
            .reversed()
            .thenComparing(cause -> cause.target().flow())
            .thenComparing(cause -> cause.target().target())
            .thenComparing(CauseCount::cause);

    private final ShardMap shards;
    private final Overview overview;

    DeliverySearch(ShardMap shards, Overview overview) {
        this.shards = shards;
        this.overview = overview;
    }

    /**
     * A delivery.
     *
     * @param behind how many changes are blocked behind it, counted up to 1,000
     */
    public record FoundDelivery(Entry entry, Delivery delivery, int behind) {}

    /**
     * Some deliveries in sequence order.
     *
     * @param next the sequence after which the search continues; null if there is nothing more
     */
    public record FoundPage(
            List<FoundDelivery> found, @Nullable Long next) {}

    /**
     * The deliveries that match, oldest first. It may return fewer than {@code limit}, even none, although there are more: it
     * stops after so many rows, and {@link FoundPage#next} says where. All of the last sequence are returned.
     */
    public FoundPage find(DeliveryFilter filter, Set<DeliveryState> states, long after, int limit) {
        FoundPage page =
                filter.keys().isEmpty() && filter.sequences().isEmpty() ? null : byName(filter, states, after, limit);
        return page != null ? page : new StandingScan(shards, filter, states).page(after, limit);
    }

    /** Some deliveries of a target that wait after a failure, oldest first. */
    List<Delivery> waiting(TargetName target, int limit) {
        return find(DeliveryFilter.ALL.within(target), EnumSet.of(DeliveryState.WAITING), 0, limit).found().stream()
                .map(FoundDelivery::delivery)
                .toList();
    }

    /** Why deliveries wait or are dead, the most frequent first; {@link #RECENT} tells which failures are recent. */
    public List<CauseCount> causes(@Nullable String flow, @Nullable String target) {
        DeliveryFilter filter = new DeliveryFilter(flow, target, List.of(), List.of(), null, null);
        Map<List<Object>, CauseCount> sums = new HashMap<>();
        shards.read(shard -> causes(shard, filter))
                .forEach(some -> some.forEach(
                        one -> sums.merge(List.of(one.target(), one.state(), one.cause()), one, CauseCount::plus)));
        return sums.values().stream().sorted(MOST_FIRST).toList();
    }

    private static List<CauseCount> causes(Shard shard, DeliveryFilter filter) {
        Instant since = shard.clock().instant().minus(RECENT);
        List<CauseCount> found = new ArrayList<>();
        for (DeliveryState state : List.of(DeliveryState.WAITING, DeliveryState.DEAD)) {
            for (TargetName name : shard.store().targetsWith(state)) {
                if (filter.covers(name)) {
                    found.addAll(shard.store().causes(name, state, since));
                }
            }
        }
        return found;
    }

    /** How many deliveries of this node to the target had no outcome in time, since it started. */
    public long ownTimeouts(TargetName target) {
        return overview.ownTimeouts(target);
    }

    // ---- What a target has got

    /** The number of shards, which are numbered from 0. */
    public int shards() {
        return shards.all().size();
    }

    /**
     * The changes of the target's flow in one shard after {@code after} and up to the target's position, in order, with their
     * bodies and deliveries; none if the shard does not have the target yet.
     *
     * @param bytesMax stops after the change whose body crosses this sum; at least one change is returned if there is one
     */
    public List<Standing> passed(int shard, TargetName target, long after, int limit, long bytesMax) {
        Store store = shards.all().get(shard).store();
        return store.knows(target) ? store.passed(target, after, limit, bytesMax) : List.of();
    }

    /**
     * Passes those of these changes of the target's flow that are up to its position, with their bodies and deliveries, to
     * {@code each}. They are given in order, and passed in order within a shard.
     */
    public void passed(TargetName target, List<Long> sequences, Consumer<Standing> each) {
        byShard(target, sequences).forEach((shard, wanted) -> {
            Set<Long> left = new HashSet<>(wanted);
            for (long sequence : wanted) {
                if (left.contains(sequence)) { // else a page before had it
                    shard.store().passed(target, sequence - 1, NEAR_MAX, NEAR_BYTES_MAX).stream()
                            .filter(one -> left.remove(one.entry().sequence()))
                            .forEach(each);
                }
            }
        });
    }

    /** Those of these changes of the target's flow, given in order, that are retrying, blocked or dead. */
    public Set<Long> held(TargetName target, List<Long> sequences) {
        Set<Long> held = new HashSet<>();
        byShard(target, sequences).forEach((shard, wanted) -> {
            long last = wanted.get(wanted.size() - 1);
            for (DeliveryState state : List.of(DeliveryState.WAITING, DeliveryState.PARKED, DeliveryState.DEAD)) {
                long after = wanted.get(0) - 1;
                while (after < last) {
                    List<Standing> page = shard.store().standing(target, state, null, after, HELD_PAGE);
                    page.forEach(one -> held.add(one.entry().sequence()));
                    after = page.size() < HELD_PAGE
                            ? last
                            : page.get(page.size() - 1).entry().sequence();
                }
            }
        });
        held.retainAll(sequences);
        return held;
    }

    private Map<Shard, List<Long>> byShard(TargetName target, List<Long> sequences) {
        Map<Shard, List<Long>> byShard = sequences.stream().collect(Collectors.groupingBy(shards::of));
        byShard.keySet().removeIf(shard -> !shard.store().knows(target));
        return byShard;
    }

    /** All changes of a flow in one shard after {@code after}, in order, with their bodies; the limits are those of {@link #passed}. */
    public List<Entry> accepted(int shard, String flow, long after, int limit, long bytesMax) {
        return shards.all().get(shard).store().accepted(flow, after, limit, bytesMax);
    }

    /** The sequence behind which the changes of a flow in one shard follow that were accepted at this time or later. */
    public long before(int shard, String flow, Instant since) {
        long low = 0;
        long high = newest(shard, flow);
        while (low < high) {
            long middle = low + (high - low) / 2;
            List<Entry> next = accepted(shard, flow, middle, 1, 0);
            if (next.isEmpty() || !next.get(0).acceptedAt().isBefore(since)) {
                high = middle;
            } else {
                low = next.get(0).sequence();
            }
        }
        return low;
    }

    /** The highest sequence that retention deleted in the flow in one shard, 0 if none. */
    public long deleted(int shard, String flow) {
        return shards.all().get(shard).store().deleted(flow);
    }

    /** The sequence of the newest change of the flow in one shard, 0 if it has none. */
    public long newest(int shard, String flow) {
        List<Entry> newest = shards.all().get(shard).store().changes(new ChangeQuery(flow, null, null, 1));
        return newest.isEmpty() ? 0 : newest.get(0).sequence();
    }

    // ---- By key or sequence

    /**
     * The delivery of a change to one target.
     *
     * @param sequence of a change of the target's flow
     * @return empty if the target does not get it, or it is no longer known
     */
    public Optional<Delivery> delivery(TargetName target, long sequence) {
        return overview.delivery(target, sequence);
    }

    /** Null if a key has too many changes to look at all of them. */
    private @Nullable FoundPage byName(DeliveryFilter filter, Set<DeliveryState> states, long after, int limit) {
        Map<Long, Entry> entries = new HashMap<>();
        for (String key : filter.keys()) {
            List<Entry> some = changes(new ChangeQuery(filter.flow(), key, null, CHANGES_OF_KEY_MAX));
            if (some.size() == CHANGES_OF_KEY_MAX) {
                return null;
            }
            some.forEach(entry -> entries.put(entry.sequence(), entry));
        }
        for (long sequence : filter.sequences()) {
            if (filter.keys().isEmpty()) {
                shards.of(sequence).store().entry(sequence).ifPresent(entry -> entries.put(sequence, entry));
            }
        }
        List<FoundDelivery> found = new ArrayList<>();
        for (Entry entry : entries.values().stream()
                .filter(entry -> entry.sequence() > after)
                .sorted(Comparator.comparingLong(Entry::sequence))
                .toList()) {
            if (found.size() >= limit) {
                return new FoundPage(found, found.get(found.size() - 1).entry().sequence());
            }
            for (Delivery delivery : overview.deliveries(entry)) {
                if (states.contains(delivery.state())
                        && matches(filter, entry, delivery)
                        && hasCause(filter, delivery)) {
                    found.add(found(shards.of(entry.sequence()), entry, delivery));
                }
            }
        }
        return new FoundPage(found, null);
    }

    static boolean hasCause(DeliveryFilter filter, Delivery delivery) {
        String error = delivery.error();
        return filter.cause() == null
                || (error != null
                        && filter.cause() == Cause.of(delivery.status(), error).hash());
    }

    private List<Entry> changes(ChangeQuery query) {
        String flow = query.flow();
        List<Shard> some = flow == null ? shards.all() : List.of(shards.of(flow, Objects.requireNonNull(query.key())));
        return shards.read(some, shard -> shard.store().changes(query)).stream()
                .flatMap(List::stream)
                .toList();
    }

    static boolean matches(DeliveryFilter filter, Entry entry, Delivery delivery) {
        Instant diedAt = delivery.state() == DeliveryState.DEAD ? delivery.finishedAt() : null;
        return filter.matches(
                delivery.target(),
                entry.change().key(),
                entry.sequence(),
                diedAt == null ? entry.acceptedAt() : diedAt,
                delivery.status(),
                delivery.error());
    }

    static FoundDelivery found(Shard shard, Entry entry, Delivery delivery) {
        int behind = delivery.state() == DeliveryState.PENDING
                ? 0
                : shard.store().behind(delivery.target(), Hash.of(entry.change().key()), entry.sequence(), BEHIND_MAX);
        return new FoundDelivery(entry, delivery, behind);
    }
}
