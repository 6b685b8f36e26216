package dev.serai.ledger.dispatch;

import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.Sending;
import dev.serai.ledger.delivery.Target;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.outcome.Decision;
import dev.serai.ledger.outcome.PendingChange;
import dev.serai.ledger.outcome.VersionGuard;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends changes to a target. It leaves out damaged changes, and with a version guard those that are older than the delivered
 * version.
 *
 * <p>Threads: safe; called outside of its dispatcher's lock.
 */
final class Sender {
    private static final Logger LOG = LoggerFactory.getLogger(Sender.class);

    private final TargetName name;
    private final Target target;
    private final @Nullable VersionGuard guard;
    private final Executor executor;
    private final LeaseGate gate;
    private final Results results;
    private volatile boolean closed;

    /** Receives the outcomes of sent changes. */
    interface Results {
        void completed(List<PendingChange> batch, Outcome outcome);

        /**
         * Some of a batch is not sent.
         *
         * @param left what is not sent, and why
         * @param rest what is sent next
         */
        void leftOut(List<PendingChange> batch, Map<PendingChange, Decision> left, List<PendingChange> rest);
    }

    /** @param executor asks the store about versions */
    Sender(
            TargetName name,
            Target target,
            @Nullable VersionGuard guard,
            Executor executor,
            LeaseGate gate,
            Results results) {
        this.gate = gate;
        this.name = name;
        this.target = target;
        this.guard = guard;
        this.executor = executor;
        this.results = results;
    }

    /** What is not with the target yet is not sent any more, and has no outcome. */
    void close() {
        closed = true;
    }

    /** What waits for a reader is not waited for. */
    void stop() {
        target.endWaits();
    }

    void send(List<PendingChange> batch) {
        for (PendingChange item : batch) {
            if (item.isDamaged()) {
                // Not at once: the dispatcher sends more when it learns of the result, and all of it may be damaged.
                executor.execute(() -> sendSound(batch));
                return;
            }
        }
        if (guard == null) {
            deliver(batch);
        } else {
            VersionGuard asked = guard;
            try {
                executor.execute(() -> sendCurrent(batch, asked));
            } catch (RuntimeException | Error e) {
                notSent(batch, e);
            }
        }
    }

    /** Asks the target to end a delivery early; returns whether it does, so that it will have an outcome soon. */
    boolean recall(List<PendingChange> batch) {
        return target.recall(sendings(batch));
    }

    private void sendSound(List<PendingChange> batch) {
        Map<PendingChange, Decision> damaged = new LinkedHashMap<>();
        for (PendingChange item : batch) {
            String damage = item.entry().damage();
            if (damage != null) {
                damaged.put(item, Decision.damaged(damage));
            }
        }
        List<PendingChange> sound = leaveOut(batch, damaged);
        if (!sound.isEmpty()) {
            send(sound);
        }
    }

    private void sendCurrent(List<PendingChange> batch, VersionGuard asked) {
        Map<PendingChange, Decision> outdated = new LinkedHashMap<>();
        try {
            for (PendingChange item : batch) {
                String newer = asked.newerThan(item.entry().change());
                if (newer != null) {
                    outdated.put(item, Decision.outdated(newer));
                }
            }
        } catch (StoreException e) {
            LOG.debug("Reading the delivered versions of {} failed: {}", name, e.getMessage());
            results.completed(batch, new Outcome.Interrupted());
            return;
        } catch (RuntimeException | Error e) { // without an outcome the delivery would stay under way for ever
            LOG.error("Reading the delivered versions of {} failed", name, e);
            results.completed(batch, new Outcome.Interrupted());
            return;
        }
        if (outdated.isEmpty()) {
            deliver(batch);
            return;
        }
        List<PendingChange> current = leaveOut(batch, outdated);
        if (!current.isEmpty()) {
            deliver(current);
        }
    }

    private List<PendingChange> leaveOut(List<PendingChange> batch, Map<PendingChange, Decision> left) {
        List<PendingChange> rest = new ArrayList<>(batch);
        rest.removeAll(left.keySet());
        results.leftOut(batch, left, rest);
        return rest;
    }

    private void deliver(List<PendingChange> batch) {
        if (closed) {
            return;
        }
        if (!gate.isOpen()) { // any more, since it waited for a thread
            results.completed(batch, new Outcome.Interrupted());
            return;
        }
        try {
            target.deliver(sendings(batch), outcome -> results.completed(batch, outcome));
        } catch (RuntimeException | Error e) { // an Error, too, for this may be the writer's thread
            notSent(batch, e);
        }
    }

    private void notSent(List<PendingChange> batch, Throwable reason) {
        LOG.warn("Delivery of {} to {} could not be started", PendingChange.sequences(batch), name, reason);
        results.completed(batch, new Outcome.Interrupted());
    }

    static List<Sending> sendings(List<PendingChange> batch) {
        List<Sending> sendings = new ArrayList<>(batch.size());
        for (PendingChange item : batch) {
            sendings.add(new Sending(item.entry(), item.attempts() + 1, item.mayHaveArrived()));
        }
        return sendings;
    }
}
