package dev.serai.ledger;

import dev.serai.ledger.delivery.RateLimit;
import dev.serai.ledger.dispatch.Dispatcher;
import dev.serai.ledger.dispatch.DispatcherRegistry;
import dev.serai.ledger.model.DeadFilter;
import dev.serai.ledger.model.DeadLetter;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Hash;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.ledger.time.LedgerClock;
import dev.serai.ledger.write.WorkWrite;
import dev.serai.ledger.write.Writer;
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

    private final Store store;
    private final Writer writer;
    private final Executor executor;
    private final LedgerClock clock;
    private final DispatcherRegistry dispatchers;

    DeadLetters(Store store, Writer writer, Executor executor, LedgerClock clock, DispatcherRegistry dispatchers) {
        this.store = store;
        this.writer = writer;
        this.executor = executor;
        this.clock = clock;
        this.dispatchers = dispatchers;
    }

    /** The keys of the dead letters that one step moved, by target. */
    private record Step(Map<TargetName, Map<String, Set<Long>>> letters, int count, long last) {}

    long count(DeadFilter filter) {
        long count = 0;
        long after = 0;
        List<DeadLetter> letters = store.dead(filter, after, STEP);
        while (!letters.isEmpty()) {
            count += letters.size();
            after = letters.get(letters.size() - 1).sequence();
            letters = store.dead(filter, after, STEP);
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
        Instant start = clock.steady();
        Move move = new Move() {
            @Override
            public void apply(Transaction transaction, DeadLetter letter, int index) {
                long keyHash = Hash.of(letter.key());
                long delayMillis = perSecond > 0 ? (long) (index * 1000 / perSecond) : 0;
                transaction.settle(letter.sequence(), keyHash, DeliveryState.DEAD, parked(letter.target()));
                transaction.promote(letter.target(), keyHash, start.plusMillis(delayMillis));
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
            public void apply(Transaction transaction, DeadLetter letter, int index) {
                Delivery discarded = new Delivery(
                        letter.target(),
                        DeliveryState.DISCARDED,
                        letter.attempts(),
                        null,
                        clock.instant(),
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
                nextTarget(filter, targets(filter), 0, done, move);
            } catch (RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
    }

    /** Moves one dead letter, and notifies its dispatcher after the commit. */
    private interface Move {
        void apply(Transaction transaction, DeadLetter letter, int index);

        /** Whether a dead letter in this state was already moved. */
        boolean isDone(DeliveryState state);

        void tell(Dispatcher dispatcher, Map<String, Set<Long>> letters);
    }

    private Deque<TargetName> targets(DeadFilter filter) {
        Deque<TargetName> targets = new ArrayDeque<>();
        for (TargetName name : store.targets()) {
            if (filter.covers(name)) {
                targets.add(name);
            }
        }
        return targets;
    }

    private void nextTarget(
            DeadFilter filter, Deque<TargetName> targets, int moved, CompletableFuture<Integer> done, Move move) {
        TargetName target = targets.poll();
        if (target == null) {
            done.complete(moved);
        } else {
            nextStep(filter.within(target), targets, 0, moved, done, move);
        }
    }

    private void nextStep(
            DeadFilter filter,
            Deque<TargetName> rest,
            long after,
            int moved,
            CompletableFuture<Integer> done,
            Move move) {
        List<DeadLetter> letters;
        try {
            letters = store.dead(filter, after, STEP);
        } catch (RuntimeException e) {
            done.completeExceptionally(e);
            return;
        }
        if (letters.isEmpty()) {
            nextTarget(filter, rest, moved, done, move);
            return;
        }
        WorkWrite<Step> write =
                new WorkWrite<>(true, transaction -> apply(transaction, letters, moved, move), step -> step.letters()
                        .forEach((target, some) -> tell(target, some, move)));
        write.done().whenComplete((step, failure) -> {
            if (step == null) {
                done.completeExceptionally(failure);
                return;
            }
            executor.execute(() -> nextStep(filter, rest, step.last(), moved + step.count(), done, move));
        });
        writer.submit(write);
    }

    private static Step apply(Transaction transaction, List<DeadLetter> letters, int moved, Move move) {
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
                move.apply(transaction, letter, moved + count);
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

    private void tell(TargetName target, Map<String, Set<Long>> letters, Move move) {
        Dispatcher dispatcher = dispatchers.find(target);
        if (dispatcher != null) {
            move.tell(dispatcher, letters);
        }
    }

    private static Delivery parked(TargetName target) {
        return new Delivery(target, DeliveryState.PARKED, 0, null, null, null, null);
    }
}
