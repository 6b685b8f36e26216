package dev.serai.ledger.outlet;

import dev.serai.ledger.delivery.Circuit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The parts of an outlet, which send in turn.
 *
 * <p>Threads: used under its outlet's lock.
 */
final class OutletParts {
    private final List<OutletPart> parts = new ArrayList<>();
    private int turn;
    private boolean newestNext;

    /** From where the next changes are taken. */
    record Choice(OutletPart part, SendLane lane) {}

    void add(OutletPart part) {
        parts.add(part);
    }

    /** Returns what took its outcomes. */
    OutcomeTaker remove(OutletPart part) {
        parts.remove(part);
        return part.outcomes();
    }

    int size() {
        return parts.size();
    }

    void forEach(Consumer<OutletPart> action) {
        parts.forEach(action);
    }

    /** The next part in turn that has something to send, or null. */
    @Nullable Choice next() {
        for (int step = 1; step <= parts.size(); step++) {
            OutletPart part = parts.get((turn + step) % parts.size());
            SendLane lane = part.source().nextLane();
            if (lane != null) {
                return new Choice(part, lane);
            }
        }
        return null;
    }

    /** The part has had its turn. */
    void had(OutletPart part) {
        turn = parts.indexOf(part);
    }

    /** A change of a key that succeeded last, else of one that has not failed; null if no part has one. */
    @Nullable Choice probe(Circuit circuit) {
        newestNext = !newestNext; // the oldest may all hang
        for (LongPredicate better : List.<LongPredicate>of(circuit::hasSucceeded, key -> !circuit.hasFailed(key))) {
            for (int step = 1; step <= parts.size(); step++) {
                OutletPart part = parts.get((turn + step) % parts.size());
                SendLane lane = part.source().prefer(newestNext, better);
                if (lane != null) {
                    return new Choice(part, lane);
                }
            }
        }
        return null;
    }
}
