package dev.serai.ledger.outcome;

import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.write.Writer;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes the outcomes of one target, and reports each that is durable.
 *
 * <p>Threads: safe; the outcomes of a key are written in the order of the calls.
 */
public final class OutcomeWriter {
    private final TargetName name;
    private final TargetOptions options;
    private final Writer writer;
    private final WaiterRegistry waiters;
    private final LedgerSettings settings;
    private final @Nullable VersionGuard guard;
    private final OutcomeRetry retry;
    private final Consumer<SettleWrite> whenDurable;

    /** @param whenDurable called by the writer */
    public OutcomeWriter(
            TargetName name,
            TargetOptions options,
            Writer writer,
            WaiterRegistry waiters,
            LedgerSettings settings,
            @Nullable VersionGuard guard,
            Consumer<SettleWrite> whenDurable) {
        this.name = name;
        this.options = options;
        this.writer = writer;
        this.waiters = waiters;
        this.settings = settings;
        this.guard = guard;
        this.retry = new OutcomeRetry(writer, settings.scheduler());
        this.whenDurable = whenDurable;
    }

    /** Passes the target's reply to the callers that wait for it, before the outcome is durable. */
    public void reply(PendingChange item, Outcome outcome) {
        if (outcome instanceof Outcome.Delivered delivered) {
            waiters.settled(item.sequence(), name, DeliveryState.DELIVERED, null, delivered.reply());
        }
    }

    public void write(PendingChange item, Decision decision) {
        submit(item, decision, false, false);
    }

    /** Parks the change, or makes it due if no other change of its key is stored before it. */
    public void parkOrRelease(PendingChange item) {
        submit(item, Decision.PARKED, false, true);
    }

    /** Whether an outcome was refused and is not written yet. */
    public boolean hasRefused() {
        return retry.hasRefused();
    }

    /** Also frees the key that the change held back. */
    public void writeAndRelease(PendingChange item, Decision decision) {
        submit(item, decision, true, options.coalesce());
    }

    private void submit(PendingChange item, Decision decision, boolean releasesKey, boolean promotesNext) {
        DeliveryState state = decision.state();
        boolean ended = state.isSettled() || decision.error() != null;
        Instant finishedAt = ended ? settings.clock().instant() : null;
        Delivery delivery = new Delivery(
                name, state, item.attempts(), decision.dueAt(), finishedAt, decision.status(), decision.error());
        SettleWrite write = new SettleWrite(
                item, delivery, decision.transcript(), releasesKey, settings.clock(), retry, this::durable);
        if (write.isFirst() && state == DeliveryState.DELIVERED) { // nothing follows from it
            write.linger(settings.limits().lingerMillisMax());
        }
        if (promotesNext) {
            write.promotingNext();
        }
        if (state == DeliveryState.PARKED && options.coalesce()) {
            write.replacingParked();
        }
        if (state == DeliveryState.DELIVERED && guard != null) {
            VersionGuard knows = guard;
            write.withDeliveredVersion(() -> knows.toStore(item.entry().change()));
        }
        writer.submit(write);
    }

    /** Stops retrying refused outcomes. */
    public void close() {
        retry.close();
    }

    private void durable(SettleWrite write) {
        PendingChange item = write.item();
        Delivery delivery = write.delivery();
        Duration age =
                Duration.between(item.entry().acceptedAt(), settings.clock().instant());
        whenDurable.accept(write);
        waiters.settled(item.sequence(), name, delivery.state(), delivery.error(), null);
        for (long replaced : write.replaced()) {
            waiters.settled(replaced, name, DeliveryState.SUPERSEDED, null, null);
        }
        boolean isAttempt = delivery.state() != DeliveryState.WAITING || delivery.error() != null;
        if (delivery.state() != DeliveryState.PARKED && isAttempt) {
            // Negative if the wall clock was set back meanwhile.
            settings.listener().settled(name, delivery.state(), age.isNegative() ? Duration.ZERO : age);
        }
    }
}
