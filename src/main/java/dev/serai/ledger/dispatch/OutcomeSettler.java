package dev.serai.ledger.dispatch;

import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.write.WorkWrite;
import dev.serai.ledger.write.Writer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what follows from the outcome of a delivery: the change is finished, waits for another attempt, becomes a dead
 * letter, or is sent again as if it had not been tried.
 *
 * <p>Threads: used under its dispatcher's lock.
 */
final class OutcomeSettler {
    private static final Logger LOG = LoggerFactory.getLogger(OutcomeSettler.class);

    private final TargetName name;
    private final TargetOptions options;
    private final LedgerSettings settings;
    private final Writer writer;
    private final RunState state;
    private final StuckKeys held;
    private final Throttle throttle;
    private final SendQueue sendQueue;
    private final KeyBlocker blocker;
    private final OutcomeWriter outcomes;
    private final @Nullable VersionGuard guard;

    OutcomeSettler(
            TargetName name,
            TargetOptions options,
            LedgerSettings settings,
            Writer writer,
            RunState state,
            StuckKeys held,
            Throttle throttle,
            SendQueue sendQueue,
            KeyBlocker blocker,
            OutcomeWriter outcomes,
            @Nullable VersionGuard guard) {
        this.name = name;
        this.options = options;
        this.settings = settings;
        this.writer = writer;
        this.state = state;
        this.held = held;
        this.throttle = throttle;
        this.sendQueue = sendQueue;
        this.blocker = blocker;
        this.outcomes = outcomes;
        this.guard = guard;
    }

    void settle(List<PendingChange> batch, Outcome outcome) {
        throttle.learn(outcome, batch.get(0).attempts() == 0);
        if (batch.size() > 1 && mayBeOneChange(outcome)) {
            sendQueue.split(batch);
        } else {
            batch.forEach(item -> settle(item, outcome));
        }
        if (outcome instanceof Outcome.Gone) {
            pauseForGood();
        }
    }

    /** Whether one change of a batch may have caused the outcome of all. */
    private boolean mayBeOneChange(Outcome outcome) {
        return outcome instanceof Outcome.Refused
                || outcome instanceof Outcome.Gone
                || (outcome instanceof Outcome.Failed failed && failed.counts(throttle.isUp()));
    }

    private void settle(PendingChange item, Outcome outcome) {
        Decision decision = Decision.of(
                outcome,
                item.attempts() + 1,
                throttle.isUp(),
                options.redelivery(),
                settings.clock().steady(),
                settings.random());
        if (decision.isAttempt()) {
            item.countAttempt();
        }
        switch (decision.state()) {
            case DELIVERED -> {
                if (guard != null) {
                    guard.delivered(item.entry().change());
                }
                outcomes.reply(item, outcome);
                blocker.finish(item, decision);
            }
            case DEAD -> giveUp(item, decision);
            case WAITING -> blocker.hold(item, decision);
            default -> sendQueue.putBack(item);
        }
    }

    private void giveUp(PendingChange item, Decision decision) {
        LOG.warn("Dead letter: {} for {} in attempt {}: {}", item.sequence(), name, item.attempts(), decision.error());
        if (options.blockOnDeadLetter()) {
            blocker.hold(item, decision);
        } else {
            blocker.finish(item, decision);
        }
    }

    private void pauseForGood() {
        LOG.error("{} answered that it is permanently gone (410): it is paused until resumed", name);
        state.paused = true;
        blocker.deactivate();
        writer.submit(new WorkWrite<>(
                false,
                transaction -> {
                    transaction.pause(name, true);
                    return true;
                },
                paused -> {}));
    }
}
