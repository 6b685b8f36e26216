package dev.serai.ledger;

import dev.serai.ledger.delivery.RateLimit;
import dev.serai.ledger.dispatch.Dispatcher;
import dev.serai.ledger.model.DeadFilter;
import dev.serai.ledger.model.DeadLetter;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Hash;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.ledger.write.WorkWrite;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Replays and discards dead letters, in sequence order and in small transactions.
 *
 * <p>Threads: safe.
 */
final class DeadLetters {
    private static final int STEP = 500;

    private final ShardMap shards;
    private final Executor executor;

    DeadLetters(ShardMap shards, Executor executor) {
        this.shards = shards;
        this.executor = executor;
    }

    /** The keys of the dead letters that one step moved, by target. */
    private record Step(Map<TargetName, Map<String, Set<Long>>> letters, int count, long last) {}

    /** The dead letters of a target in one shard, and when the move of them began in the shard's steady time. */
    private record Source(Shard shard, TargetName target, Instant start) {}

    long count(DeadFilter filter) {
        long count = 0;
        for (Shard shard : shards.all()) {
            long after = 0;
            List<DeadLetter> letters = shard.store().dead(filter, after, STEP);
            while (!letters.isEmpty()) {
                count += letters.size();
                after = letters.get(letters.size() - 1).sequence();
                letters = shard.store().dead(filter, after, STEP);
            }
        }
        return count;
    }

    /**
     * Makes dead letters due again. Their attempts are counted from zero.
     *
     * @param perSecond how many become due per second, or 0 for all at once
     */
    CompletableFuture<Integer> replay(DeadFilter filter, double perSecond) {
        RateLimit.requireValid(perSecond);
        CompletableFuture<Integer> done = new CompletableFuture<>();
        Move move = new Move() {
            @Override
            public void apply(Transaction transaction, DeadLetter letter, Source source, int index) {
                long keyHash = Hash.of(letter.key());
                long delayMillis = perSecond > 0 ? (long) (index * 1000 / perSecond) : 0;
                transaction.settle(letter.sequence(), keyHash, DeliveryState.DEAD, parked(letter.target()));
                transaction.promote(letter.target(), keyHash, source.start().plusMillis(delayMillis));
            }

            @Override
            public boolean isDone(DeliveryState state) {
                return state == DeliveryState.WAITING || state == DeliveryState.PARKED;
            }

            @Override
            public void tell(Dispatcher dispatcher, Map<String, Set<Long>> letters) {
                dispatcher.replayed(letters);
            }
        };
        start(filter, done, move);
        return done;
    }

    /** Discards dead letters and releases the changes that they held back. */
    CompletableFuture<Integer> discard(DeadFilter filter) {
        CompletableFuture<Integer> done = new CompletableFuture<>();
        Move move = new Move() {
            @Override
            public void apply(Transaction transaction, DeadLetter letter, Source source, int index) {
                Delivery discarded = new Delivery(
                        letter.target(),
                        DeliveryState.DISCARDED,
                        letter.attempts(),
                        null,
                        source.shard().clock().instant(),
                        letter.status(),
                        letter.error());
                transaction.settle(letter.sequence(), Hash.of(letter.key()), DeliveryState.DEAD, discarded);
            }

            @Override
            public boolean isDone(DeliveryState state) {
                return state == DeliveryState.DISCARDED;
            }

            @Override
            public void tell(Dispatcher dispatcher, Map<String, Set<Long>> letters) {
                dispatcher.discarded(letters);
            }
        };
        start(filter, done, move);
        return done;
    }

    private void start(DeadFilter filter, CompletableFuture<Integer> done, Move move) {
        executor.execute(() -> {
            try {
                nextSource(filter, sources(filter), 0, done, move);
            } catch (RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
    }

    /** Moves one dead letter, and notifies its dispatcher after the commit. */
    private interface Move {
        void apply(Transaction transaction, DeadLetter letter, Source source, int index);

        /** Whether a dead letter in this state was already moved. */
        boolean isDone(DeliveryState state);

        void tell(Dispatcher dispatcher, Map<String, Set<Long>> letters);
    }

    private Deque<Source> sources(DeadFilter filter) {
        Deque<Source> sources = new ArrayDeque<>();
        for (Shard shard : shards.all()) {
            for (TargetName name : shard.store().targets()) {
                if (filter.covers(name)) {
                    sources.add(new Source(shard, name, shard.clock().steady()));
                }
            }
        }
        return sources;
    }

    private void nextSource(
            DeadFilter filter, Deque<Source> sources, int moved, CompletableFuture<Integer> done, Move move) {
        Source source = sources.poll();
        if (source == null) {
            done.complete(moved);
        } else {
            nextStep(filter.within(source.target()), source, sources, 0, moved, done, move);
        }
    }

    private void nextStep(
            DeadFilter filter,
            Source source,
            Deque<Source> rest,
            long after,
            int moved,
            CompletableFuture<Integer> done,
            Move move) {
        List<DeadLetter> letters;
        try {
            letters = source.shard().store().dead(filter, after, STEP);
        } catch (RuntimeException e) {
            done.completeExceptionally(e);
            return;
        }
        if (letters.isEmpty()) {
            nextSource(filter, rest, moved, done, move);
            return;
        }
        WorkWrite<Step> write = new WorkWrite<>(
                true, transaction -> apply(transaction, letters, source, moved, move), step -> step.letters()
                        .forEach((target, some) -> tell(source.shard(), target, some, move)));
        write.done().whenComplete((step, failure) -> {
            if (step == null) {
                done.completeExceptionally(failure);
                return;
            }
            executor.execute(() -> nextStep(filter, source, rest, step.last(), moved + step.count(), done, move));
        });
        source.shard().writer().submit(write);
    }

    private static Step apply(Transaction transaction, List<DeadLetter> letters, Source source, int moved, Move move) {
        Map<TargetName, Map<String, Set<Long>>> moves = new HashMap<>();
        int count = 0;
        for (DeadLetter letter : letters) {
            boolean known = transaction.knows(letter.target()); // false if it was removed after the letters were read
            Delivery stored = known ? transaction.delivery(letter.target(), letter.sequence()) : null;
            if (stored == null) {
                continue;
            }
            boolean dead = stored.state() == DeliveryState.DEAD;
            if (dead) {
                move.apply(transaction, letter, source, moved + count);
                count++;
            }
            if (dead
                    || move.isDone(
                            stored.state())) { // by this step, if its commit was reported as failed but succeeded
                moves.computeIfAbsent(letter.target(), target -> new HashMap<>())
                        .computeIfAbsent(letter.key(), key -> new HashSet<>())
                        .add(letter.sequence());
            }
        }
        return new Step(moves, count, letters.get(letters.size() - 1).sequence());
    }

    private static void tell(Shard shard, TargetName target, Map<String, Set<Long>> letters, Move move) {
        Dispatcher dispatcher = shard.dispatchers().find(target);
        if (dispatcher != null) {
            move.tell(dispatcher, letters);
        }
    }

    private static Delivery parked(TargetName target) {
        return new Delivery(target, DeliveryState.PARKED, 0, null, null, null, null);
    }
}
