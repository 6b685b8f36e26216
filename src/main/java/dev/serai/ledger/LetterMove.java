package dev.serai.ledger;

import dev.serai.ledger.cluster.ShardOrder.Act;
import dev.serai.ledger.dispatch.Dispatcher;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Hash;
import dev.serai.ledger.model.Store.Standing;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.ledger.write.WorkWrite;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Replays or discards some dead letters of one target, or delivers changes to it again, in one transaction, and notifies its
 * dispatcher after the commit.
 */
enum LetterMove {
    /**
     * They are due at once, and their attempts are counted from zero. Unless what is stored for the target is in the order of its
     * keys, they are stored without one: earlier changes of their keys may be pending, and go first once the target has an order.
     */
    REPLAY {
        @Override
        void apply(Transaction transaction, Shard shard, TargetName target, Standing letter) {
            park(transaction, shard, target, letter, from());
        }

        @Override
        boolean isDone(DeliveryState state) {
            return state.isHeld();
        }

        @Override
        void tell(Dispatcher dispatcher, Map<String, Set<Long>> letters) {
            dispatcher.operator().replayed(letters);
        }
    },

    /** What they held back is released. */
    DISCARD {
        @Override
        void apply(Transaction transaction, Shard shard, TargetName target, Standing letter) {
            Delivery was = letter.delivery();
            Instant now = shard.clock().instant();
            Delivery discarded =
                    new Delivery(target, DeliveryState.DISCARDED, was.attempts(), null, now, was.status(), was.error());
            long keyHash = Hash.of(letter.entry().change().key());
            transaction.settle(letter.entry().sequence(), keyHash, DeliveryState.DEAD, discarded);
        }

        @Override
        boolean isDone(DeliveryState state) {
            return state == DeliveryState.DISCARDED;
        }

        @Override
        void tell(Dispatcher dispatcher, Map<String, Set<Long>> letters) {
            dispatcher.operator().discarded(letters);
        }
    },

    /**
     * Delivers the newest state of its key again that the target took, and then lost. Nothing older overtakes something newer: it
     * is left as it is unless all that its key got since then was settled without a delivery, and all that comes later waits.
     */
    REDELIVER {
        @Override
        DeliveryState from() {
            return DeliveryState.DELIVERED;
        }

        @Override
        boolean mayMove(Transaction transaction, TargetName target, Standing delivered) {
            Change change = delivered.entry().change();
            for (Entry newer : transaction.newest(target.flow(), change.key(), NEWER_MAX)) {
                if (newer.sequence() == delivered.entry().sequence()) {
                    return true;
                }
                Delivery other = transaction.delivery(target, newer.sequence());
                if (other == null || !PASSED_OVER.contains(other.state())) {
                    return false;
                }
            }
            return false;
        }

        @Override
        void apply(Transaction transaction, Shard shard, TargetName target, Standing delivered) {
            park(transaction, shard, target, delivered, from());
        }

        @Override
        boolean isDone(DeliveryState state) {
            return state.isHeld();
        }

        @Override
        void tell(Dispatcher dispatcher, Map<String, Set<Long>> changes) {
            dispatcher.operator().replayed(changes);
        }
    };

    /** How many newer changes of a key are looked at. */
    private static final int NEWER_MAX = 20;
    /** The target got nothing of these. */
    private static final Set<DeliveryState> PASSED_OVER =
            EnumSet.of(DeliveryState.FILTERED, DeliveryState.SUPERSEDED, DeliveryState.DISCARDED);

    /** The state in which a delivery is moved. */
    DeliveryState from() {
        return DeliveryState.DEAD;
    }

    /** Whether a delivery in this state is moved. */
    boolean mayMove(Transaction transaction, TargetName target, Standing one) {
        return true;
    }

    /** Makes a delivery due at once, in the order of its key if there is one. */
    private static void park(
            Transaction transaction, Shard shard, TargetName target, Standing one, DeliveryState from) {
        long sequence = one.entry().sequence();
        Dispatcher dispatcher = shard.dispatchers().find(target);
        boolean inOrder = dispatcher != null && dispatcher.operator().isInOrder();
        long keyHash = inOrder ? Hash.of(one.entry().change().key()) : sequence;
        transaction.settle(
                sequence, keyHash, from, new Delivery(target, DeliveryState.PARKED, 0, null, null, null, null));
        transaction.promote(target, keyHash, shard.clock().steady());
    }

    abstract void apply(Transaction transaction, Shard shard, TargetName target, Standing letter);

    /** Whether a delivery in this state was already moved. */
    abstract boolean isDone(DeliveryState state);

    abstract void tell(Dispatcher dispatcher, Map<String, Set<Long>> letters);

    /** The letters that were moved now, and those for the dispatcher. */
    private record Done(List<Standing> moved, Map<String, Set<Long>> letters) {}

    /** Moves those that are still in that state; returns them. */
    CompletableFuture<List<Standing>> move(StandingPage page) {
        Shard shard = page.shard();
        TargetName target = page.target();
        if (!shard.isOwn()) {
            return page.onOwner(act(), null).thenApply(result -> page.only(result.moved()));
        }
        WorkWrite<Done> write = new WorkWrite<>(true, transaction -> apply(transaction, page), done -> {
            Dispatcher dispatcher = shard.dispatchers().find(target);
            if (dispatcher != null && !done.letters().isEmpty()) {
                tell(dispatcher, done.letters());
            }
        });
        shard.writer().submit(write);
        return write.done().thenApply(Done::moved);
    }

    /** Moves delivered changes of one target, those of each shard at once; returns the sequences of those that were moved. */
    static CompletableFuture<Set<Long>> redeliver(ShardMap shards, TargetName target, Collection<Entry> entries) {
        Map<Shard, List<Entry>> parts = new LinkedHashMap<>();
        entries.stream().sorted(Comparator.comparingLong(Entry::sequence)).forEach(one -> parts.computeIfAbsent(
                        shards.of(one.sequence()), none -> new ArrayList<>())
                .add(one));
        CompletableFuture<Set<Long>> all = CompletableFuture.completedFuture(new HashSet<>());
        for (Map.Entry<Shard, List<Entry>> part : parts.entrySet()) {
            all = all.thenCombine(
                    redeliver(StandingPage.delivered(part.getKey(), target, part.getValue())), (sum, moved) -> {
                        sum.addAll(StandingPage.sequences(moved));
                        return sum;
                    });
        }
        return all;
    }

    /** Moves delivered changes; what is accepted from now on of their keys must not be sent first. */
    static CompletableFuture<List<Standing>> redeliver(StandingPage page) {
        Dispatcher dispatcher =
                page.shard().isOwn() ? page.shard().dispatchers().find(page.target()) : null;
        if (dispatcher == null) {
            return REDELIVER.move(page);
        }
        Set<String> held = new HashSet<>();
        page.found().forEach(one -> held.add(one.entry().change().key()));
        held.forEach(dispatcher.operator()::holdBack);
        return REDELIVER.move(page).whenComplete((moved, failure) -> {
            if (moved != null) {
                moved.forEach(one -> held.remove(one.entry().change().key()));
            }
            held.forEach(dispatcher.operator()::release);
        });
    }

    private Act act() {
        return switch (this) {
            case REPLAY -> Act.REPLAY;
            case DISCARD -> Act.DISCARD;
            case REDELIVER -> Act.REDELIVER;
        };
    }

    private Done apply(Transaction transaction, StandingPage page) {
        TargetName target = page.target();
        Done done = new Done(new ArrayList<>(), new HashMap<>());
        boolean known = transaction.knows(target); // false if it was removed after the letters were read
        for (Standing letter : page.found()) {
            long sequence = letter.entry().sequence();
            Delivery stored = known ? transaction.delivery(target, sequence) : null;
            if (stored == null) {
                continue;
            }
            boolean moves = stored.state() == from() && mayMove(transaction, target, letter);
            if (moves) {
                apply(transaction, page.shard(), target, letter);
                done.moved().add(letter);
            }
            if (moves || isDone(stored.state())) { // by this move, if its commit was reported as failed but succeeded
                done.letters()
                        .computeIfAbsent(letter.entry().change().key(), key -> new HashSet<>())
                        .add(sequence);
            }
        }
        return done;
    }
}
