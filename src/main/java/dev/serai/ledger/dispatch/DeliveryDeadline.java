package dev.serai.ledger.dispatch;

import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.Target;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.outcome.PendingChange;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the deliveries of a target that have had no outcome for too long: they count as failed, and a later outcome is
 * ignored.
 *
 * <p>Time is counted in ticks of an eighth of the limit, so a delivery ends at most an eighth after it. No clock is read.
 *
 * <p>Threads: used under its dispatcher's lock; the ticks run on the scheduler, outside of it.
 */
public final class DeliveryDeadline {
    private static final Logger LOG = LoggerFactory.getLogger(DeliveryDeadline.class);
    private static final int TICKS = 8;

    private final TargetName name;
    private final TargetOptions options;
    private final Target target;
    private final LedgerSettings settings;
    private final InFlight inFlight;
    private final Sender.Results results;
    private final Consumer<Runnable> update;
    private final long tickMillis;
    private boolean stopped;

    /** @param update runs a change of state under the dispatcher's lock, from any thread */
    DeliveryDeadline(
            TargetName name,
            TargetOptions options,
            Target target,
            LedgerSettings settings,
            InFlight inFlight,
            Sender.Results results,
            Consumer<Runnable> update) {
        this.name = name;
        this.options = options;
        this.target = target;
        this.settings = settings;
        this.inFlight = inFlight;
        this.results = results;
        this.update = update;
        this.tickMillis = Math.max(1, options.deliveryTimeout().toMillis() / TICKS);
    }

    void start() {
        scheduleTick();
    }

    /** Ends nothing more. */
    void stop() {
        stopped = true;
    }

    private void scheduleTick() {
        settings.scheduler().schedule(this::tick, tickMillis, TimeUnit.MILLISECONDS);
    }

    private void tick() {
        List<List<PendingChange>> overdue = new ArrayList<>();
        update.accept(() -> {
            if (!stopped) {
                scheduleTick();
                overdue.addAll(inFlight.overdue(TICKS));
            }
        });
        overdue.forEach(this::endOverdue);
    }

    private void endOverdue(List<PendingChange> batch) {
        boolean hasDeadline = target.hasDeadline(Sender.sendings(batch));
        List<PendingChange> late = new ArrayList<>();
        update.accept(() -> {
            if (inFlight.restart(batch) && hasDeadline) {
                settings.listener().timedOut(name);
                late.addAll(batch);
            }
        });
        if (late.isEmpty()) {
            return;
        }
        String reason = "no outcome within " + options.deliveryTimeout().toMillis() + " ms (deliveryTimeout)";
        LOG.warn(
                "{} for {} to {}: the delivery counts as failed, and the target may still get it late",
                reason,
                PendingChange.sequences(batch),
                name);
        results.completed(batch, new Outcome.Failed(null, reason, null, true));
        try {
            target.abandon(Sender.sendings(batch));
        } catch (RuntimeException | Error e) {
            LOG.error("{} cannot free what an abandoned delivery holds", name, e);
        }
    }
}
