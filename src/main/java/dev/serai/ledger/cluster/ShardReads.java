package dev.serai.ledger.cluster;

import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException.StoreAwayException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the shards of a ledger one after the other. While the database of some of them is away, the others are read, and it is known
 * which are left out, so that nobody takes a sum for the whole. A ledger in one database is read whole or not at all.
 *
 * <p>A database that is away is tried again by whoever reads, at most once a second, and holds up a read for half a second at most.
 *
 * <p>Threads: safe; calls may block.
 */
public final class ShardReads {
    private static final Logger LOG = LoggerFactory.getLogger(ShardReads.class);
    private static final Duration TRY_EVERY = Duration.ofSeconds(1);
    private static final long TRY_MILLIS_MAX = 500;

    private final List<Integer> all;
    private final IntFunction<Store> stores;
    private final InstantSource clock;
    /** By shard; guarded by this, as what is in them. Made by the first read, since the stores are not known before. */
    private List<ReadDatabase> databases = List.of();

    private boolean isOne;
    private long leftOut;

    /** What is known of a database. */
    private static final class ReadDatabase {
        final String name;
        final int first;
        int last;

        @Nullable StoreAwayException failure;

        Instant since = Instant.MIN;
        Instant triedAt = Instant.MIN;

        @Nullable CompletableFuture<Void> attempt;
        /** The number of the read that left it out last. */
        long leftOutAt;

        ReadDatabase(String name, int first) {
            this.name = name;
            this.first = first;
        }

        UnreadShards unread(StoreAwayException why) {
            return new UnreadShards(name, first, last, since, String.valueOf(why.getMessage()));
        }
    }

    /** @param stores gives the store of a shard by its number; it may be another one each time */
    public ShardReads(int count, IntFunction<Store> stores, InstantSource clock) {
        this.all = IntStream.range(0, count).boxed().toList();
        this.stores = stores;
        this.clock = clock;
    }

    /**
     * What is read from each shard that can be read, in their order. Throws {@link StoreAwayException} if none can.
     *
     * @param question is asked with the number of a shard; what it throws else is thrown
     */
    public <T> List<T> each(IntFunction<T> question) {
        return each(all, question);
    }

    /** As {@link #each(IntFunction)}, from some of the shards. */
    public <T> List<T> each(Collection<Integer> shards, IntFunction<T> question) {
        List<T> found = new ArrayList<>();
        StoreAwayException last = null;
        for (int shard : shards) {
            StoreAwayException failure = away(shard);
            if (failure == null) {
                try {
                    found.add(question.apply(shard));
                } catch (StoreAwayException e) {
                    leaveOut(shard, e);
                    failure = e;
                }
            }
            last = failure == null ? last : failure;
        }
        if (last != null && found.isEmpty()) {
            throw last;
        }
        return found;
    }

    /** Notes that a read is without a shard from here on; throws the failure if the ledger is in one database. */
    public void leaveOut(int shard, StoreAwayException failure) {
        UnreadShards unread;
        synchronized (this) {
            ReadDatabase database = database(shard);
            if (isOne) {
                throw failure;
            }
            leftOut++;
            database.leftOutAt = leftOut;
            boolean isNew = database.failure == null;
            database.failure = failure;
            database.triedAt = clock.instant();
            if (!isNew) {
                return;
            }
            database.since = database.triedAt;
            unread = database.unread(failure);
        }
        LOG.warn("{}", UnreadShards.line(List.of(unread)));
    }

    /** What a read finds that leaves nothing out; throws {@link StoreAwayException} if it does. */
    public <T> T whole(Supplier<T> read) {
        long mark = mark();
        T found = read.get();
        List<UnreadShards> missing = leftOutSince(mark);
        if (!missing.isEmpty()) {
            throw new StoreAwayException(UnreadShards.line(missing));
        }
        return found;
    }

    /** Whether nothing is known to be away. */
    public synchronized boolean isWhole() {
        return distinct().stream().allMatch(database -> database.failure == null);
    }

    /** A moment, for {@link #leftOutSince}. */
    public synchronized long mark() {
        return leftOut;
    }

    /** What reads on any thread left out since a moment, although it may be back. */
    public synchronized List<UnreadShards> leftOutSince(long mark) {
        return distinct().stream()
                .filter(database -> database.leftOutAt > mark)
                .map(database -> database.unread(lastFailure(database)))
                .toList();
    }

    /** The shards that cannot be read now: it looks at each database. None if the ledger is in one. */
    public List<UnreadShards> unread() {
        List<Integer> firsts;
        synchronized (this) {
            firsts = distinct().stream().map(database -> database.first).toList();
        }
        if (firsts.size() == 1) {
            return List.of();
        }
        List<UnreadShards> unread = new ArrayList<>();
        for (int shard : firsts) {
            StoreAwayException failure = away(shard);
            if (failure == null) {
                try {
                    stores.apply(shard).clock();
                } catch (StoreAwayException e) {
                    leaveOut(shard, e);
                    failure = e;
                }
            }
            if (failure != null) {
                synchronized (this) {
                    unread.add(database(shard).unread(failure));
                }
            }
        }
        return unread;
    }

    /** One line about some shards, of which reads were left out. */
    public synchronized String line(Collection<Integer> shards) {
        return UnreadShards.line(shards.stream()
                .map(this::database)
                .distinct()
                .map(database -> database.unread(lastFailure(database)))
                .toList());
    }

    // ---- Databases

    private ReadDatabase database(int shard) {
        if (databases.isEmpty()) {
            Map<String, ReadDatabase> byName = new LinkedHashMap<>();
            databases = all.stream()
                    .map(number -> byName.computeIfAbsent(
                            stores.apply(number).database(), name -> new ReadDatabase(name, number)))
                    .toList();
            all.forEach(number -> databases.get(number).last = number);
            isOne = byName.size() == 1;
        }
        return databases.get(shard);
    }

    private List<ReadDatabase> distinct() {
        return all.stream().map(this::database).distinct().toList();
    }

    private static StoreAwayException lastFailure(ReadDatabase database) {
        return database.failure != null ? database.failure : new StoreAwayException("it is back since");
    }

    /** Why a shard is not to be read, which is noted as left out; null if it is to be. */
    private @Nullable StoreAwayException away(int shard) {
        CompletableFuture<Void> begun = null;
        ReadDatabase database;
        synchronized (this) {
            database = database(shard);
            if (database.failure == null) {
                return null;
            }
            Instant now = clock.instant();
            boolean isTried = database.attempt != null && !database.attempt.isDone();
            boolean isEarly = !now.isBefore(database.triedAt) && now.isBefore(database.triedAt.plus(TRY_EVERY));
            if (!isTried && !isEarly) {
                begun = attempt(database);
                database.attempt = begun;
                database.triedAt = now;
            }
        }
        if (begun != null) {
            await(begun);
        }
        synchronized (this) {
            if (database.failure != null) {
                leftOut++;
                database.leftOutAt = leftOut;
            }
            return database.failure;
        }
    }

    private CompletableFuture<Void> attempt(ReadDatabase database) {
        return CompletableFuture.runAsync(() -> read(database), ShardReads::onThread)
                .whenComplete((done, failure) -> {
                    synchronized (this) {
                        if (failure == null) {
                            database.failure = null;
                        } else if (failure.getCause() instanceof StoreAwayException away && database.failure != null) {
                            database.failure = away;
                        }
                    }
                    if (failure == null) {
                        LOG.info("What {} keeps of the ledger can be read again", database.name);
                    }
                });
    }

    /** Of all its shards, since the first read of each may meet a connection that was lost. */
    private void read(ReadDatabase database) {
        StoreAwayException failure = null;
        for (int shard = database.first; shard <= database.last; shard++) {
            try {
                stores.apply(shard).clock();
            } catch (StoreAwayException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static void onThread(Runnable attempt) {
        Thread thread = new Thread(attempt, "serai-database-back");
        thread.setDaemon(true);
        thread.start();
    }

    private static void await(CompletableFuture<Void> attempt) {
        try {
            attempt.get(TRY_MILLIS_MAX, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // It is still away, as far as is known.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
