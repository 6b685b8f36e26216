package dev.serai.store;

import dev.serai.ledger.cause.Cause;
import dev.serai.ledger.model.Attempt;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.DueChange;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.store.crypt.BodyCipher;
import dev.serai.store.jdbc.Rows;
import dev.serai.store.jdbc.Session;
import dev.serai.store.jdbc.TranscriptRow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes the rows of deliveries in one transaction, and updates the counts of their states. Flush batched rows before
 * calling a method that reads.
 *
 * <p>Threads: one thread, the writer.
 */
final class DeliveryRows {
    private final Session session;
    private final NumberCache names;
    private final CountUpdates counters;
    private final DamageLog damages;

    DeliveryRows(Session session, NumberCache names, CountUpdates counters, DamageLog damages) {
        this.session = session;
        this.names = names;
        this.counters = counters;
        this.damages = damages;
    }

    void settle(int target, long sequence, long keyHash, DeliveryState from, Delivery delivery) {
        DeliveryState to = delivery.state();
        from.requireMove(to);
        boolean held = to == DeliveryState.WAITING || to == DeliveryState.PARKED;
        Long cause = cause(delivery);
        if (to == DeliveryState.DEAD) {
            Objects.requireNonNull(delivery.finishedAt(), "a dead letter needs the time when it was given up");
            session.batch("died", target, sequence);
        }
        List<@Nullable Object> row = new ArrayList<>();
        row.add(Rows.code(to));
        row.add(delivery.attempts());
        row.add(Rows.millis(delivery.dueAt()));
        row.add(Rows.millis(delivery.finishedAt()));
        row.add(delivery.status());
        row.add(delivery.error());
        row.add(held ? keyHash : null);
        row.add(cause);
        row.add(cause == null ? null : keyHash);
        row.add(target);
        row.add(sequence);
        if (from == DeliveryState.PENDING) {
            session.batch("insertDelivery", row.toArray());
        } else {
            row.add(Rows.code(from));
            session.batch("updateDelivery", row.toArray());
            counters.left(target, from);
        }
        counters.entered(target, to);
        boolean done = !held && to != DeliveryState.DEAD;
        if (done && sequence <= names.flow(session, delivery.target().flow()).purged()) {
            session.batch("revisit", sequence);
        }
    }

    /** What failed and waits or is dead is counted by cause. */
    private static @Nullable Long cause(Delivery delivery) {
        boolean failed = delivery.state() == DeliveryState.WAITING || delivery.state() == DeliveryState.DEAD;
        String error = delivery.error();
        return failed && error != null ? Cause.of(delivery.status(), error).hash() : null;
    }

    /** Saves a failed attempt, and deletes one, and transcripts of older ones, where there are too many. */
    void attempt(int target, long sequence, Attempt attempt) {
        BodyCipher.Payload transcript = TranscriptRow.stored(sequence, attempt, session.bodies());
        session.batch(
                "insertAttempt",
                sequence,
                target,
                attempt.number(),
                attempt.at().toEpochMilli(),
                attempt.status(),
                attempt.error(),
                transcript.headers(),
                transcript.body());
        if (attempt.transcript() != null) {
            session.batch("trimTranscripts", sequence, target, Attempt.TRANSCRIPTS_KEPT);
        }
        int max = Attempt.FIRST_KEPT + Attempt.NEWEST_KEPT;
        session.batch("trimAttempts", sequence, target, Attempt.FIRST_KEPT, sequence, target, max);
    }

    @Nullable DueChange promote(TargetName target, int id, long keyHash, Instant dueAt) {
        long[] first = session.first(
                "firstHeld",
                row -> new long[] {row.getInt("state"), row.getLong("seq"), row.getInt("attempts")},
                id,
                keyHash);
        if (first == null || Rows.state((int) first[0]) == DeliveryState.WAITING) {
            return null;
        }
        session.update("promote", dueAt.toEpochMilli(), id, first[1]);
        counters.left(id, DeliveryState.PARKED);
        counters.entered(id, DeliveryState.WAITING);
        Entry found = session.first("entry", row -> Rows.entry(row, session.bodies()), first[1]);
        Entry entry = damages.note(found == null ? Rows.missing(target, first[1]) : found);
        boolean followed = session.exists("parkedBefore", id, keyHash, Long.MAX_VALUE, 1);
        return new DueChange(entry, (int) first[2], Instant.ofEpochMilli(dueAt.toEpochMilli()), keyHash, followed);
    }

    void putInOrder(int target, long sequence, long keyHash, boolean blocked) {
        if (!session.exists("isHeldRow", target, sequence)) {
            return;
        }
        session.update("putInOrder", keyHash, target, sequence);
        long[] first = session.first(
                "firstHeldBut", row -> new long[] {row.getInt("state"), row.getLong("seq")}, target, keyHash, sequence);
        boolean before = session.exists("heldBefore", target, keyHash, sequence);
        if (blocked || before) {
            park(target, sequence);
        } else if (first != null && Rows.state((int) first[0]) == DeliveryState.WAITING) {
            park(target, first[1]);
        }
    }

    private void park(int target, long sequence) {
        DeliveryState.WAITING.requireMove(DeliveryState.PARKED);
        if (session.update("park", target, sequence) == 0) {
            return; // it is parked
        }
        counters.left(target, DeliveryState.WAITING);
        counters.entered(target, DeliveryState.PARKED);
    }

    List<Long> supersedeParked(TargetName target, int id, long keyHash, long before, Instant finishedAt) {
        List<Long> superseded = new ArrayList<>();
        for (long[] parked : session.list(
                "parkedBefore",
                row -> new long[] {row.getLong("seq"), row.getInt("attempts")},
                id,
                keyHash,
                before,
                Transaction.SUPERSEDED_MAX)) {
            Delivery delivery = new Delivery(
                    target, DeliveryState.SUPERSEDED, (int) parked[1], null, finishedAt, null, Delivery.REPLACED);
            settle(id, parked[0], keyHash, DeliveryState.PARKED, delivery);
            superseded.add(parked[0]);
        }
        return superseded;
    }
}
