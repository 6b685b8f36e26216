package dev.serai.ledger.dispatch;

import dev.serai.ledger.chain.TargetRecorder;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.TargetCounts.Pause;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.outcome.Decision;
import dev.serai.ledger.outcome.OutcomeWriter;
import dev.serai.ledger.outcome.PendingChange;
import dev.serai.ledger.outcome.VersionGuard;
import dev.serai.ledger.outlet.OutcomeTaker;
import dev.serai.ledger.write.WorkWrite;
import dev.serai.ledger.write.Writer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what follows from the outcome of a delivery: the change is finished, waits for another attempt, becomes a dead
 * letter, or is sent again as if it had not been tried.
 *
 * <p>Threads: used under its dispatcher's lock.
 */
final class OutcomeSettler implements OutcomeTaker {
    private static final Logger LOG = LoggerFactory.getLogger(OutcomeSettler.class);

    /** For so long a change makes room for others: about as long as until the next probe. */
    private static final Duration OUT_OF_THE_WAY = Duration.ofSeconds(15);

    private final TargetName name;
    private final TargetOptions options;
    private final LedgerSettings settings;
    private final TargetRecorder recorder;
    private final Writer writer;
    private final RunState state;
    private final SendQueue sendQueue;
    private final KeyBlocker blocker;
    private final OutcomeWriter outcomes;
    private final @Nullable VersionGuard guard;

    OutcomeSettler(
            TargetName name,
            TargetOptions options,
            LedgerSettings settings,
            TargetRecorder recorder,
            Writer writer,
            RunState state,
            SendQueue sendQueue,
            KeyBlocker blocker,
            OutcomeWriter outcomes,
            @Nullable VersionGuard guard) {
        this.name = name;
        this.options = options;
        this.settings = settings;
        this.recorder = recorder;
        this.writer = writer;
        this.state = state;
        this.sendQueue = sendQueue;
        this.blocker = blocker;
        this.outcomes = outcomes;
        this.guard = guard;
    }

    /**
     * The target is at fault: no attempt is counted. A change gets a row nevertheless if the target asked for a time, or if
     * memory is full of changes of keys that have failed: no other key could show that the target is up.
     */
    @Override
    public void spare(List<PendingChange> batch, Outcome outcome) {
        Duration asked = outcome instanceof Outcome.Failed failed ? failed.retryAfter() : null;
        Integer status = outcome instanceof Outcome.Failed failed ? failed.status() : null;
        for (PendingChange item : batch) {
            spared(item, outcome);
            if (isSkipped(item)) {
                continue;
            }
            if (asked != null && !asked.isZero()) {
                holdUncounted(item, asked, status);
            } else if (sendQueue.isInTheWay(item)) {
                holdUncounted(item, OUT_OF_THE_WAY, null);
            } else {
                sendQueue.putBack(item);
            }
        }
    }

    /** A delivery that this process broke off says nothing. */
    private void spared(PendingChange item, Outcome outcome) {
        if (!(outcome instanceof Outcome.Interrupted)) {
            recorder.spared(item.foretold(), item.attempts() + 1);
        }
    }

    private void holdUncounted(PendingChange item, Duration time, @Nullable Integer status) {
        blocker.hold(item, Decision.later(settings.clock().steady().plus(time), status));
    }

    @Override
    public void repeat(List<PendingChange> batch, String reason) {
        Decision decision = Decision.unknown(settings.clock().steady(), reason);
        for (PendingChange item : batch) {
            recorder.spared(item.foretold(), item.attempts() + 1);
            if (!isSkipped(item)) {
                blocker.hold(item, decision);
            }
        }
    }

    @Override
    public void decide(List<PendingChange> batch, Outcome outcome) {
        if (batch.size() > 1 && !outcome.isEnd()) {
            sendQueue.split(batch);
            return;
        }
        Deque<PendingChange> left = new ArrayDeque<>(batch);
        try {
            while (!left.isEmpty()) {
                decide(left.element(), outcome);
                left.remove();
            }
        } catch (RuntimeException | Error e) {
            sendAgain(List.copyOf(left), outcome, e);
        }
    }

    @Override
    public void sendAgain(List<PendingChange> left, Outcome outcome, Throwable reason) {
        LOG.error(
                "What follows from an outcome for {} cannot be decided, sending {} again: {}",
                name,
                PendingChange.sequences(left),
                outcome,
                reason);
        left.forEach(sendQueue::putBack);
    }

    private void decide(PendingChange item, Outcome outcome) {
        recorder.counted(item.foretold(), item.attempts() + 1, outcome);
        Decision decision = Decision.of(
                outcome,
                item.attempts() + 1,
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
                finish(item, decision);
            }
            case FILTERED -> finish(item, decision);
            case DEAD -> giveUp(item, decision);
            case WAITING -> {
                if (!isSkipped(item)) {
                    blocker.hold(item, decision);
                }
            }
            default -> sendQueue.putBack(item);
        }
    }

    /** Settles changes that were not sent. */
    void leaveOut(Map<PendingChange, Decision> left) {
        left.forEach(this::leaveOut);
        sendQueue.ended(left.keySet());
    }

    private void leaveOut(PendingChange item, Decision decision) {
        if (decision.state() == DeliveryState.DEAD) {
            giveUp(item, decision);
        } else {
            finish(item, decision);
        }
    }

    /** Gives up a change that failed, if an operator asked for it while it was under way. */
    private boolean isSkipped(PendingChange item) {
        String reason = item.skipped();
        if (reason == null) {
            return false;
        }
        giveUp(item, Decision.skipped(reason));
        return true;
    }

    /** The change becomes a dead letter, and its key continues, or is blocked if the target's dead letters block. */
    void giveUp(PendingChange item, Decision decision) {
        LOG.warn("Dead letter: {} for {} in attempt {}: {}", item.sequence(), name, item.attempts(), decision.error());
        if (options.blockOnDeadLetter()) {
            recorder.trials().settled(item.entry(), decision.state());
            blocker.hold(item, decision);
        } else {
            finish(item, decision);
        }
    }

    private void finish(PendingChange item, Decision decision) {
        recorder.trials().settled(item.entry(), decision.state());
        blocker.finish(item, decision);
    }

    @Override
    public void pauseForGood(String answer) {
        LOG.error("{} answered that it is permanently gone (410): it is paused until resumed", name);
        state.paused = true;
        blocker.deactivate();
        Pause pause = new Pause(true, settings.clock().instant(), null, answer);
        writer.submit(new WorkWrite<>(
                false,
                transaction -> {
                    transaction.pause(name, pause);
                    return true;
                },
                paused -> {}));
    }
}
