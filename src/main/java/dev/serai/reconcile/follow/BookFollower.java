package dev.serai.reconcile.follow;

import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Store.Standing;
import dev.serai.ledger.model.TargetName;
import dev.serai.reconcile.book.Book;
import dev.serai.reconcile.book.Book.Given;
import dev.serai.reconcile.book.Book.Unsettled;
import dev.serai.reconcile.state.RecordState;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps the book of a target up to date: reads the log behind the target's position, so that the delivery path has nothing to do
 * with it.
 *
 * <p>Threads: one at a time.
 */
public final class BookFollower extends LogFollower {
    private final TargetName target;

    public BookFollower(Ledger ledger, TargetName target, RecordState state, Book book, Clock clock) {
        super(ledger, target.flow(), state, book, clock);
        this.target = target;
    }

    @Override
    boolean step(int shard, long after) {
        List<Standing> page = log.passed(shard, target, after, CHANGES_MAX, BYTES_MAX);
        noteGap(shard, after, page.isEmpty() ? null : page.get(0).entry());
        if (page.isEmpty()) {
            return false;
        }
        Map<String, Standing> newest = new HashMap<>();
        for (Standing one : page) {
            DeliveryState was = one.delivery().state();
            if (was == DeliveryState.DELIVERED) {
                newest.put(one.entry().change().key(), one);
            } else if (!was.isSettled() || was == DeliveryState.DEAD) {
                unwritten.isUnsettled(one.entry());
            }
        }
        newest.values().forEach(one -> unwritten.taken(given(one.entry(), one.delivery(), state)));
        unwritten.read(shard, page.size(), page.get(page.size() - 1).entry());
        return true;
    }

    /** What the target took with a change. */
    public static Given given(Entry entry, Delivery delivery, RecordState state) {
        Instant finished = delivery.finishedAt();
        return given(entry, finished == null ? entry.acceptedAt() : finished, state);
    }

    /** Looks again at changes that were not settled when they were read. */
    @Override
    void revisit() {
        long after = 0;
        List<Unsettled> page = book.log().unsettled(after, CHANGES_MAX);
        while (!page.isEmpty()) {
            List<Long> sequences = page.stream().map(Unsettled::sequence).toList();
            Set<Long> held = log.held(target, sequences);
            Set<Long> left = new LinkedHashSet<>(sequences);
            left.removeAll(held);
            List<Long> over = new ArrayList<>();
            List<Given> given = new ArrayList<>();
            log.passed(target, List.copyOf(left), one -> {
                left.remove(one.entry().sequence());
                revisit(one.entry(), one.delivery(), over, given);
            });
            for (long sequence : left) { // deleted by retention, or of a target that begins anew
                Optional<Entry> entry = ledger.change(target.flow(), sequence);
                Optional<Delivery> delivery = entry.flatMap(known -> log.delivery(target, known.sequence()));
                if (delivery.isPresent()) {
                    revisit(entry.get(), delivery.get(), over, given);
                } else {
                    over.add(sequence);
                }
            }
            book.settle(over, given);
            after = page.get(page.size() - 1).sequence();
            page = book.log().unsettled(after, CHANGES_MAX);
        }
    }

    private void revisit(Entry entry, Delivery delivery, List<Long> over, List<Given> given) {
        DeliveryState now = delivery.state();
        if (now == DeliveryState.DELIVERED) {
            given.add(given(entry, delivery, state));
        }
        if (now.isSettled() && now != DeliveryState.DEAD) {
            over.add(entry.sequence());
        }
    }
}
