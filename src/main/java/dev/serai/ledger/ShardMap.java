package dev.serai.ledger;

import dev.serai.ledger.cluster.ShardOwners;
import dev.serai.ledger.cluster.ShardReads;
import dev.serai.ledger.cluster.SharedShards;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.Hash;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.ShardSequence;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException.StoreAwayException;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.time.LedgerClock;
import dev.serai.ledger.write.Writer;
import dev.serai.ledger.write.WriterFactory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The shards of a ledger, and which of them has what. The changes of a key are all in the shard that the hash of flow and key
 * gives, and a cursor is in the one that the hash of its name gives; targets are in every shard.
 *
 * <p>The number of shards and their order must never change while they hold anything.
 *
 * <p>Threads: safe.
 */
final class ShardMap {
    static final Comparator<TargetName> BY_NAME =
            Comparator.comparing(TargetName::flow).thenComparing(TargetName::target);

    private final AtomicReferenceArray<Shard> shards;
    private final ShardReads reads;
    private final LedgerSettings settings;
    private final WriterFactory writers;
    private final boolean isShared;
    private volatile ShardOwners owners = ShardOwners.NONE;
    private final CompletableFuture<String> writerEnd = new CompletableFuture<>();

    /** @param stores one for each shard, in their order; this node has all of them */
    ShardMap(List<Store> stores, LedgerSettings settings, WriterFactory writers) {
        this(stores.size(), settings, writers, false);
        for (int number = 0; number < stores.size(); number++) {
            put(opened(number, stores.get(number)));
        }
    }

    /** The shards of a ledger that several nodes share. This node has none of them yet. */
    ShardMap(SharedShards shared, LedgerSettings settings, WriterFactory writers) {
        this(shared.count(), settings, writers, true);
        for (int number = 0; number < shared.count(); number++) {
            put(elsewhere(number, shared.view(number)));
        }
    }

    private ShardMap(int count, LedgerSettings settings, WriterFactory writers, boolean isShared) {
        if (count == 0 || count > ShardSequence.SHARDS_MAX) {
            throw new IllegalArgumentException(
                    "a ledger has 1 to " + ShardSequence.SHARDS_MAX + " shards, not " + count);
        }
        this.shards = new AtomicReferenceArray<>(count);
        this.reads = new ShardReads(count, number -> get(number).store(), settings.clock());
        this.settings = settings;
        this.writers = writers;
        this.isShared = isShared;
    }

    /** @param finder of the nodes that have the shards of others */
    void owners(ShardOwners finder) {
        owners = finder;
    }

    /** A shard that this node has got; {@link #put} makes it known. */
    Shard opened(int number, Store store) {
        return new Shard(number, store, ofShard(), writers);
    }

    /** A shard that another node may have; {@link #put} makes it known. */
    Shard elsewhere(int number, Store view) {
        return Shard.elsewhere(number, view, ofShard(), () -> owners);
    }

    /** What is due in a shard and how old it is counts by the clock that is saved with it. */
    private LedgerSettings ofShard() {
        boolean isFirst = shards.get(0) == null;
        return settings.ofShard(isFirst ? settings.clock() : new LedgerClock(settings.clock()), shards.length());
    }

    /** From now on this is the shard with its number. */
    void put(Shard shard) {
        shards.set(shard.number(), shard);
        if (shard.isOwn()) {
            Writer writer = shard.writer();
            writer.end().thenAccept(reason -> {
                if (!writer.isTakenOver() || !isShared) {
                    writerEnd.complete(reason);
                }
            });
        }
    }

    /** The first one has what is kept once for all, such as the audit. */
    Shard first() {
        return shards.get(0);
    }

    Shard get(int number) {
        return shards.get(number);
    }

    /** All shards, in their order, whoever has them. */
    List<Shard> all() {
        List<Shard> all = new ArrayList<>(shards.length());
        for (int number = 0; number < shards.length(); number++) {
            all.add(shards.get(number));
        }
        return all;
    }

    /** Those that this node has. */
    List<Shard> own() {
        return all().stream().filter(Shard::isOwn).toList();
    }

    /** Does something in each shard that this node has, and waits for all as {@link #allOf}. */
    CompletableFuture<Void> inOwn(Function<Shard, CompletableFuture<Void>> action) {
        List<Shard> own = own();
        return allOf(
                own.stream().map(action).toList(),
                number -> "shard " + own.get(number).number());
    }

    /** Waits for all. If some cannot be reached, the failure says which. @param place of each, for people */
    static CompletableFuture<Void> allOf(List<CompletableFuture<Void>> done, IntFunction<String> place) {
        return CompletableFuture.allOf(done.toArray(CompletableFuture[]::new)).exceptionally(any -> {
            Throwable first = any.getCause() == null ? any : any.getCause();
            StringJoiner missing = new StringJoiner(", ");
            for (int number = 0; number < done.size(); number++) {
                if (done.get(number).isCompletedExceptionally()) {
                    missing.add(place.apply(number));
                }
            }
            boolean isPart = done.stream().anyMatch(one -> !one.isCompletedExceptionally());
            if (isPart && first instanceof LedgerException.Unavailable) {
                String text =
                        "done in part only, do it again later; not done: " + missing + " (" + first.getMessage() + ")";
                throw new LedgerException.Unavailable(text, first.getCause() == null ? first : first.getCause());
            }
            throw new CompletionException(first);
        });
    }

    int count() {
        return shards.length();
    }

    boolean isOne() {
        return shards.length() == 1;
    }

    /** The shard of a key. */
    Shard of(String flow, String key) {
        return isOne() ? first() : byHash(Hash.of(flow, key));
    }

    /** The shard of a change; for a sequence that was never given, any of them. */
    Shard of(long sequence) {
        return isOne() ? first() : shards.get(Math.floorMod(ShardSequence.shardOf(sequence), shards.length()));
    }

    Shard ofCursor(String name) {
        return isOne() ? first() : byHash(Hash.of(name));
    }

    private Shard byHash(long hash) {
        return shards.get(Math.floorMod(hash, shards.length()));
    }

    // ---- Reading all

    /** What is read from each shard, see {@link ShardReads}. */
    <T> List<T> read(Function<Shard, T> question) {
        return reads.each(number -> question.apply(get(number)));
    }

    /** As {@link #read(Function)}, from some of them. */
    <T> List<T> read(Collection<Shard> some, Function<Shard, T> question) {
        return reads.each(some.stream().map(Shard::number).toList(), number -> question.apply(get(number)));
    }

    /** What is read from the first of some shards that can be read; empty if there are none. */
    <T> Optional<T> readAny(Collection<Shard> some, Function<Shard, T> question) {
        StoreAwayException last = null;
        for (Shard shard : some) {
            try {
                return Optional.of(read(List.of(shard), question).get(0));
            } catch (StoreAwayException e) {
                last = e;
            }
        }
        if (last != null) {
            throw last;
        }
        return Optional.empty();
    }

    /** What reads of all shards left out. */
    ShardReads reads() {
        return reads;
    }

    /** The shards in which something can match. */
    List<Shard> of(DeliveryFilter filter) {
        String flow = filter.flow();
        Stream<Shard> some = !filter.sequences().isEmpty()
                ? filter.sequences().stream().map(this::of)
                : flow != null && !filter.keys().isEmpty()
                        ? filter.keys().stream().map(key -> of(flow, key))
                        : all().stream();
        return some.distinct().sorted(Comparator.comparingInt(Shard::number)).toList();
    }

    /** All targets, ordered by flow and name. A target that was just added or removed may be in some shards only. */
    List<TargetName> targets() {
        return read(shard -> shard.store().targets()).stream()
                .flatMap(List::stream)
                .distinct()
                .sorted(BY_NAME)
                .toList();
    }

    boolean knows(TargetName target) {
        return read(shard -> shard.store().knows(target)).contains(true);
    }

    /** See {@link Ledger#isWritable}. */
    boolean isWritable() {
        Set<Integer> away = new HashSet<>();
        reads.unread().forEach(part -> IntStream.rangeClosed(part.first(), part.last())
                .forEach(away::add));
        return away.size() < count()
                && own().stream()
                        .filter(shard -> !away.contains(shard.number()))
                        .allMatch(shard ->
                                shard.writer().trouble().or(shard::lapse).isEmpty());
    }

    /** See {@link Ledger#trouble}. */
    Optional<String> trouble() {
        return own().stream()
                .flatMap(shard -> shard.writer().trouble().or(shard::lapse).stream())
                .findFirst();
    }

    /** See {@link Ledger#writerEnd}; a shard that another node took over closes alone. */
    CompletableFuture<String> writerEnd() {
        return writerEnd;
    }

    /** See {@link Ledger#refusedWrites}. */
    long refusedWrites() {
        return own().stream().mapToLong(shard -> shard.writer().refusedWrites()).sum();
    }
}
