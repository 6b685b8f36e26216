package dev.serai.reconcile;

import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Entry;
import dev.serai.reconcile.book.RunNotes;
import dev.serai.reconcile.book.RunNotes.KeyDifference;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Delivers the last state of keys that differ to the target again, through the ledger and in the order of each key, and looks
 * whether that helped.
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
    private final SecondLook look;
    private final RunProgress state;
    private final Pace pace;

    RunRepair(Ledger ledger, ReconcileFile file, RunNotes notes, SecondLook look, RunProgress state) {
        this.ledger = ledger;
        this.file = file;
        this.notes = notes;
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
        Deque<Entry> underWay = new ArrayDeque<>();
        String after = "";
        List<KeyDifference> page = notes.differences(after, DIFFERENCES_AT_ONCE);
        while (!page.isEmpty()) {
            for (KeyDifference one : page) {
                if (verdict(one.kind()).isRepairable() && !one.isDecided()) {
                    redeliver(one, underWay);
                    pace.await(1);
                }
            }
            after = page.get(page.size() - 1).key();
            page = notes.differences(after, DIFFERENCES_AT_ONCE);
        }
        List<String> delivered = awaitSettled(underWay);
        notes.suspect(delivered);
        look.confirm();
    }

    private static KeyFinding verdict(String word) {
        return KeyFinding.valueOf(word.toUpperCase(Locale.ROOT));
    }

    private void redeliver(KeyDifference one, Deque<Entry> underWay) throws Exception {
        Optional<Entry> entry = ledger.change(file.target().flow(), one.sequence());
        if (entry.isEmpty()) {
            notes.repair(one.key(), "cannot be repaired: the body of its change is no longer kept");
        } else if (one.isRedelivered()) { // by this run, before it was interrupted
            underWay.add(entry.get());
        } else if (ledger.actions().redeliver(file.target(), entry.get()).get() || isOnItsWay(entry.get())) {
            notes.redelivered(one.key());
            underWay.add(entry.get());
        } else {
            notes.repair(one.key(), "not repaired: a newer change of its key is on its way, or became a dead letter");
        }
    }

    /** Whether this very change is, since a kill came before it was noted that this run delivers it again. */
    private boolean isOnItsWay(Entry entry) {
        return state(entry).isHeld();
    }

    private DeliveryState state(Entry entry) {
        return ledger.deliveries(entry).stream()
                .filter(one -> one.target().equals(file.target()))
                .map(Delivery::state)
                .findFirst()
                .orElse(DeliveryState.DISCARDED);
    }

    /** Waits for the outcomes; returns the keys that the target took. */
    private List<String> awaitSettled(Deque<Entry> underWay) throws InterruptedException {
        List<String> delivered = new ArrayList<>();
        long giveUpAt = System.nanoTime() + SETTLED_MAX.toNanos();
        while (!underWay.isEmpty()) {
            Entry entry = underWay.element();
            DeliveryState now = state(entry);
            String key = entry.change().key();
            if (now == DeliveryState.DELIVERED) {
                delivered.add(key);
            } else if (now.isSettled()) {
                notes.repair(
                        key,
                        "not repaired: the target did not take it, its delivery is "
                                + now.name().toLowerCase(Locale.ROOT));
            } else if (System.nanoTime() - giveUpAt > 0) {
                notes.repair(key, "on its way: the target has not taken it yet");
            } else {
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
                continue;
            }
            underWay.remove();
        }
        return delivered;
    }
}
