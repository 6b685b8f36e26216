package dev.serai.ledger.dispatch;

import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.DueChange;
import dev.serai.ledger.model.Hash;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.outcome.Decision;
import dev.serai.ledger.outcome.OutcomeWriter;
import dev.serai.ledger.outcome.PendingChange;
import dev.serai.ledger.stuck.ReleaseWrite;
import dev.serai.ledger.stuck.StuckKeys;
import dev.serai.ledger.write.Writer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the changes of a key in order: holds a key back behind a change that failed, parks later changes behind it, and
 * releases the key when that change is finished.
 *
 * <p>Threads: used under its dispatcher's lock.
 */
final class KeyBlocker {
    private static final Duration RELEASE_RETRY = Duration.ofSeconds(10);

    private final TargetName name;
    private final TargetOptions options;
    private final LedgerSettings settings;
    private final LongSupplier windowBytes;
    private final Writer writer;
    private final RunState state;
    private final KeyQueues keys;
    private final StuckKeys held;
    private final OutcomeWriter outcomes;
    private final KeyRecovery recovery;
    private final Consumer<Runnable> update;

    /** @param update runs a change of state under the dispatcher's lock, from any thread */
    KeyBlocker(
            TargetName name,
            TargetOptions options,
            LedgerSettings settings,
            LongSupplier windowBytes,
            Store store,
            Writer writer,
            RunState state,
            KeyQueues keys,
            StuckKeys held,
            OutcomeWriter outcomes,
            Consumer<Runnable> update) {
        this.name = name;
        this.options = options;
        this.settings = settings;
        this.windowBytes = windowBytes;
        this.writer = writer;
        this.state = state;
        this.keys = keys;
        this.held = held;
        this.outcomes = outcomes;
        this.update = update;
        this.recovery = new KeyRecovery(name, store, settings, windowBytes, keys, held, update, this::park);
    }

    /** Whether dead letters block so few keys that more changes can be taken in. */
    boolean hasRoom() {
        return held.blocked() < settings.limits().heldKeysMax();
    }

    private boolean hasMemory() {
        return bytesInMemory() < windowBytes.getAsLong();
    }

    /** The memory that the changes of stuck keys take. */
    long bytesInMemory() {
        return Math.max(held.bytesInHand(), recovery.bytes());
    }

    /**
     * Queues a new change after the others of its key. It is parked only when all changes before it have rows: otherwise a
     * crash could leave an earlier change pending while this one is parked.
     */
    void add(PendingChange item) {
        if (!held.isEmpty() && held.contains(item.keyHash()) && !keys.contains(item.keyHash())) {
            if (!recovery.add(item)) {
                park(item);
            }
        } else if (options.coalesce() && !item.isDamaged()) {
            keys.replaceWaiting(item).forEach(replaced -> outcomes.write(replaced, Decision.REPLACED));
        } else {
            keys.add(item);
        }
    }

    /** Makes a due change ready to send, unless its key is busy; returns whether it did. */
    boolean takeDue(DueChange change) {
        if (held.wasFinished(change)) {
            return false;
        }
        recovery.end(change.keyHash()); // a dead letter of the key was replayed: it goes first
        PendingChange item = state.isActive() && !keys.contains(change.keyHash()) ? held.take(change) : null;
        if (item == null) {
            return false;
        }
        if (options.coalesce() && item.isFollowed()) {
            finish(item, Decision.REPLACED);
        } else {
            held.putBack(item);
        }
        return true;
    }

    /** Takes a change that waits in hand, not to be sent; null if its key is busy. */
    @Nullable PendingChange take(DueChange change) {
        recovery.end(change.keyHash());
        return held.take(change);
    }

    /** The change is finished, and the next of its key may be sent. */
    void finish(PendingChange item, Decision decision) {
        if (recovery.contains(item.keyHash())) {
            outcomes.write(item, decision);
            recovery.advance(item, decision.state() == DeliveryState.DELIVERED);
        } else if (item.isStored() && held.isBlocked(item.keyHash())) { // by another dead letter of the key
            outcomes.write(item, decision);
        } else if (item.isStored()) {
            if (options.coalesce()) {
                held.startRelease(item.keyHash());
            }
            outcomes.writeAndRelease(item, decision);
        } else if (held.contains(item.keyHash())) { // a dead letter of the key was replayed meanwhile
            outcomes.write(item, decision);
            keys.removeLine(item).forEach(this::park);
        } else {
            keys.remove(item);
            outcomes.write(item, decision);
        }
    }

    /**
     * The change failed and holds back its key. Its own row is written first: if a crash left only the parked rows, nothing
     * would release them.
     */
    void hold(PendingChange head, Decision decision) {
        outcomes.write(head, decision);
        recovery.end(head.keyHash());
        if (decision.state() == DeliveryState.DEAD) {
            held.block(head.keyHash(), head.sequence());
        }
        if (!head.isStored()) {
            held.hold(head.keyHash());
            keys.removeLine(head).forEach(this::park);
        }
    }

    /** A change that is still under way gets a row, so that the position can move on. It holds back its key as before. */
    void setAside(PendingChange underWay) {
        outcomes.write(underWay, Decision.setAside(settings.clock().steady().plus(options.deliveryTimeout())));
        underWay.markStored();
        held.takeUnderWay(underWay);
        if (keys.contains(underWay.keyHash())) {
            keys.removeLine(underWay).forEach(this::park);
        }
    }

    private void park(PendingChange item) {
        boolean mayBeFirst = held.mayBeFree(item.keyHash()) && !recovery.contains(item.keyHash());
        held.startParking(item.keyHash());
        recovery.startParking(item.keyHash());
        if (mayBeFirst) {
            outcomes.parkOrRelease(item);
        } else {
            outcomes.write(item, Decision.PARKED);
        }
    }

    /** These dead letters of a key will be delivered again. */
    void replayed(String key, Set<Long> sequences) {
        if (options.ordered()) {
            held.unblock(Hash.of(key), sequences);
            holdBack(key);
        } else {
            sequences.forEach(held::hold);
        }
        held.expectDue();
    }

    /** Changes of a key that are not sent yet wait, and so do later ones. */
    void holdBack(String key) {
        long keyHash = Hash.of(key);
        recovery.end(keyHash);
        held.hold(keyHash);
        keys.removeUnsent(keyHash).forEach(this::park);
    }

    /** These dead letters of a key were discarded, and may have held it back. */
    void discarded(String key, Set<Long> sequences) {
        long keyHash = Hash.of(key);
        held.unblock(keyHash, sequences);
        if (held.contains(keyHash) && !held.isBlocked(keyHash)) {
            submitRelease(keyHash);
        }
    }

    /**
     * A stored change is finished, durably, and did not release its key: another dead letter blocked it, which may have been
     * replayed before this change was over.
     */
    void finishedBlocked(long keyHash) {
        boolean waits = held.contains(keyHash) && !held.isBlocked(keyHash);
        if (waits && !recovery.contains(keyHash) && !held.isInHand(keyHash)) {
            submitRelease(keyHash);
        }
    }

    /** A change that held back its key is finished, durably: the key continues with what is parked. */
    void continueKey(PendingChange finished, boolean delivered) {
        if (!state.isActive()) {
            submitRelease(finished.keyHash());
        } else if (!recovery.contains(finished.keyHash()) && !held.isInHand(finished.keyHash())) {
            if (recovery.hasRoom() && hasMemory()) {
                recovery.start(finished.keyHash(), delivered);
            } else { // its next change becomes due, and is read when there is room
                submitRelease(finished.keyHash());
            }
        }
    }

    /**
     * A write that parked a change is durable.
     *
     * @param free the change, if the key was not stuck after all: it is due
     */
    void parked(long keyHash, @Nullable DueChange free) {
        held.endParking(keyHash);
        recovery.endParking(keyHash);
        if (free != null && !(hasMemory() && takeDue(free))) {
            held.expectDue();
        }
    }

    /** The target is paused or suspended: nothing is kept in memory for stuck keys. */
    void deactivate() {
        List<Long> recovering = recovery.keys();
        recovering.forEach(recovery::end);
        held.dropReady();
        recovering.forEach(this::submitRelease);
    }

    /** Nothing more is sent. */
    void stop() {
        recovery.clear();
        held.dropReady();
    }

    /** A write has looked for the next change of a key. */
    void released(long keyHash, @Nullable DueChange next, boolean stillHeld) {
        if (held.endRelease(keyHash, stillHeld)) {
            submitRelease(keyHash);
        }
        if (recovery.contains(keyHash) || held.isBlocked(keyHash)) {
            held.hold(keyHash);
        }
        boolean taken = next != null && hasMemory() && takeDue(next);
        if (stillHeld && !taken) {
            held.expectDue();
        }
    }

    /** Makes the first parked change of the key due, unless one waits. */
    void submitRelease(long keyHash) {
        if (state.isClosed()) {
            return;
        }
        held.startRelease(keyHash);
        writer.submit(new ReleaseWrite(
                name,
                keyHash,
                settings.clock(),
                next -> update.accept(() -> released(keyHash, next.change(), next.keyHeld())),
                this::submitLater));
    }

    /** Called by the writer. */
    private void submitLater(ReleaseWrite refused) {
        Runnable again = () -> {
            if (!state.isClosed()) {
                writer.submit(refused);
            }
        };
        settings.scheduler().schedule(() -> update.accept(again), RELEASE_RETRY.toMillis(), TimeUnit.MILLISECONDS);
    }
}
