package dev.serai.reconcile;

import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Entry;
import dev.serai.reconcile.book.Book;
import dev.serai.reconcile.book.KeyFinding;
import dev.serai.reconcile.book.RepairNotes;
import dev.serai.reconcile.book.RepairNotes.BegunRepair;
import dev.serai.reconcile.book.RunNotes;
import dev.serai.reconcile.book.RunNotes.KeyDifference;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Delivers the last state of keys that differ to the target again, through the ledger and in the order of each key, and looks
 * whether that helped.
 *
 * <p>Some keys at a time: what is asked of the ledger is noted before, and what became of it after, so that a kill between any two
 * steps delivers none of them twice.
 *
 * <p>Threads: one thread.
 */
final class RunRepair {
    private static final int DIFFERENCES_AT_ONCE = 500;
    private static final long LOOK_MILLIS = 100;
    /** A target that is down takes the changes later; the run does not wait for that. */
    private static final Duration SETTLED_MAX = Duration.ofMinutes(5);

    private final Ledger ledger;
    private final ReconcileFile file;
    private final RunNotes notes;
    private final RepairNotes repairs;
    private final SecondLook look;
    private final RunProgress state;
    private final Pace pace;
    /** The changes to ask for next, and what else is to be noted then. */
    private final List<Entry> group = new ArrayList<>();

    private final Map<String, String> outcomes = new HashMap<>();
    private long bytes;

    RunRepair(Ledger ledger, ReconcileFile file, Book book, SecondLook look, RunProgress state) {
        this.ledger = ledger;
        this.file = file;
        this.notes = book.notes();
        this.repairs = book.repairs();
        this.look = look;
        this.state = state;
        this.pace = new Pace(state.request.rate());
    }

    void run() throws Exception {
        long found = notes.counts().entrySet().stream()
                .filter(one -> verdict(one.getKey()).isRepairable())
                .mapToLong(Map.Entry::getValue)
                .sum();
        if (found > state.request.limit()) {
            state.note = found + " keys differ, which is more than the limit of " + state.request.limit()
                    + ", so none was repaired: look at them first, then raise the limit";
            return;
        }
        noteBegun();
        List<KeyDifference> page = notes.differences("", DIFFERENCES_AT_ONCE);
        while (!page.isEmpty()) {
            for (KeyDifference one : page) {
                if (verdict(one.kind()).isRepairable() && one.repair() == null) {
                    add(one);
                }
            }
            page = notes.differences(page.get(page.size() - 1).key(), DIFFERENCES_AT_ONCE);
        }
        redeliver();
        awaitSettled();
        look.confirm();
    }

    private static KeyFinding verdict(String word) {
        return KeyFinding.valueOf(word.toUpperCase(Locale.ROOT));
    }

    private Optional<Delivery> delivery(long sequence) {
        return ledger.search().delivery(file.target(), sequence);
    }

    /** Finds out which of the changes were delivered again that were asked for when a kill came. */
    private void noteBegun() {
        for (BegunRepair one : repairs.begun()) {
            Delivery now = delivery(one.sequence()).orElse(null);
            boolean isAsBefore = now != null
                    && now.state() == DeliveryState.DELIVERED
                    && millis(now.finishedAt()) == millis(one.finishedAt());
            if (!isAsBefore) {
                outcomes.put(one.key(), RepairNotes.REDELIVERED);
            }
        }
        note();
    }

    private static long millis(@Nullable Instant time) {
        return time == null ? -1 : time.truncatedTo(ChronoUnit.MILLIS).toEpochMilli();
    }

    // ---- Some keys at a time

    private void add(KeyDifference one) throws Exception {
        Optional<Entry> entry = ledger.change(file.target().flow(), one.sequence());
        if (entry.isEmpty()) {
            outcomes.put(one.key(), "cannot be repaired: the body of its change is no longer kept");
        } else {
            group.add(entry.get());
            bytes += entry.get().change().body().length;
        }
        if (group.size() + outcomes.size() >= state.request.changesAtOnce() || bytes >= RunRequest.BYTES_AT_ONCE) {
            redeliver();
        }
    }

    private void redeliver() throws Exception {
        List<BegunRepair> begun = new ArrayList<>();
        for (Entry one : group) {
            Instant finishedAt =
                    delivery(one.sequence()).map(Delivery::finishedAt).orElse(null);
            begun.add(new BegunRepair(one.change().key(), one.sequence(), finishedAt));
        }
        if (!group.isEmpty()) {
            repairs.begin(begun);
            Set<Long> due = ledger.actions().redeliver(file.target(), group).get();
            begun.forEach(one -> outcomes.put(
                    one.key(),
                    due.contains(one.sequence()) || isOnItsWay(one)
                            ? RepairNotes.REDELIVERED
                            : "not repaired: a newer change of its key is on its way, or became a dead letter"));
        }
        note();
        pace.await(begun.size());
        group.clear();
        bytes = 0;
    }

    /** Whether this very change is, by somebody else. */
    private boolean isOnItsWay(BegunRepair one) {
        return delivery(one.sequence())
                .filter(delivery -> !delivery.state().isSettled())
                .isPresent();
    }

    private void note() {
        repairs.note(outcomes);
        outcomes.clear();
    }

    // ---- What the target made of them

    /** Waits for the outcomes; what the target took is to be looked at. */
    private void awaitSettled() throws InterruptedException {
        long giveUpAt = System.nanoTime() + SETTLED_MAX.toNanos();
        List<KeyDifference> page = notes.differences("", DIFFERENCES_AT_ONCE);
        while (!page.isEmpty()) {
            List<String> delivered = new ArrayList<>();
            for (KeyDifference one : page) {
                DeliveryState end = one.isRedelivered() ? settled(one.sequence(), giveUpAt) : null;
                if (end == DeliveryState.DELIVERED) {
                    delivered.add(one.key());
                } else if (end != null && end.isSettled()) {
                    outcomes.put(
                            one.key(),
                            "not repaired: the target did not take it, its delivery is "
                                    + end.name().toLowerCase(Locale.ROOT));
                } else if (end != null) {
                    outcomes.put(one.key(), "on its way: the target has not taken it yet");
                }
            }
            note();
            notes.suspect(delivered);
            page = notes.differences(page.get(page.size() - 1).key(), DIFFERENCES_AT_ONCE);
        }
    }

    /** The state at the end of a delivery, or that at the time at which to give up. */
    private DeliveryState settled(long sequence, long giveUpAt) throws InterruptedException {
        while (true) {
            DeliveryState now = delivery(sequence).map(Delivery::state).orElse(DeliveryState.DISCARDED);
            if (now.isSettled() || System.nanoTime() - giveUpAt > 0) {
                return now;
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
    }
}
