package dev.serai.ledger;

import dev.serai.ledger.model.Hash;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.ShardSequence;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.time.LedgerClock;
import dev.serai.ledger.write.WriterFactory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/**
 * The shards of a ledger, and which of them has what. The changes of a key are all in the shard that the hash of flow and key
 * gives, and a cursor is in the one that the hash of its name gives; targets are in every shard.
 *
 * <p>The number of shards and their order must never change while they hold anything.
 *
 * <p>Threads: safe.
 */
final class ShardMap {
    private static final Comparator<TargetName> BY_NAME =
            Comparator.comparing(TargetName::flow).thenComparing(TargetName::target);

    private final List<Shard> shards = new ArrayList<>();

    /** @param stores one for each shard, in their order */
    ShardMap(List<Store> stores, LedgerSettings settings, WriterFactory writers) {
        if (stores.isEmpty() || stores.size() > ShardSequence.SHARDS_MAX) {
            throw new IllegalArgumentException(
                    "a ledger has 1 to " + ShardSequence.SHARDS_MAX + " shards, not " + stores.size());
        }
        for (Store store : stores) {
            // What is due in a shard and how old it is counts by the clock that is saved with it.
            LedgerClock clock = shards.isEmpty() ? settings.clock() : new LedgerClock(settings.clock());
            shards.add(new Shard(store, settings.ofShard(clock, stores.size()), writers));
        }
    }

    Shard first() {
        return shards.get(0);
    }

    List<Shard> all() {
        return shards;
    }

    boolean isOne() {
        return shards.size() == 1;
    }

    /** The shard of a key. */
    Shard of(String flow, String key) {
        return isOne() ? first() : byHash(Hash.of(flow, key));
    }

    /** The shard of a change; for a sequence that was never given, any of them. */
    Shard of(long sequence) {
        return isOne() ? first() : shards.get(Math.floorMod(ShardSequence.shardOf(sequence), shards.size()));
    }

    Shard ofCursor(String name) {
        return isOne() ? first() : byHash(Hash.of(name));
    }

    private Shard byHash(long hash) {
        return shards.get(Math.floorMod(hash, shards.size()));
    }

    /** All targets, ordered by flow and name. A target that was just added or removed may be in some shards only. */
    List<TargetName> targets() {
        if (isOne()) {
            return first().store().targets();
        }
        TreeSet<TargetName> names = new TreeSet<>(BY_NAME);
        shards.forEach(shard -> names.addAll(shard.store().targets()));
        return List.copyOf(names);
    }

    boolean knows(TargetName target) {
        return shards.stream().anyMatch(shard -> shard.store().knows(target));
    }

    /** See {@link Ledger#trouble}. */
    Optional<String> trouble() {
        return shards.stream()
                .flatMap(shard -> shard.writer().trouble().or(shard::lapse).stream())
                .findFirst();
    }

    /** See {@link Ledger#writerEnd}. */
    CompletableFuture<String> writerEnd() {
        CompletableFuture<String> end = new CompletableFuture<>();
        shards.forEach(shard -> shard.writer().end().thenAccept(end::complete));
        return end;
    }

    /** See {@link Ledger#refusedWrites}. */
    long refusedWrites() {
        return shards.stream()
                .mapToLong(shard -> shard.writer().refusedWrites())
                .sum();
    }
}
