package dev.serai.ledger.dispatch;

import dev.serai.ledger.model.DueChange;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys that a failing change holds back, and their due changes that were read from the store.
 *
 * <p>Threads: used under its dispatcher's lock.
 */
final class StuckKeys {
    private final Set<Long> held = new HashSet<>();
    /** By key hash: due changes in memory, from being read until their outcome is durable. */
    private final Map<Long, PendingChange> inHand = new HashMap<>();
    /** Keys whose head is finished, while the write that makes the next change due is not yet committed. */
    private final Map<Long, Release> releases = new HashMap<>();

    private final ArrayDeque<PendingChange> ready = new ArrayDeque<>();
    /** Finished during a read of due changes, which may still return them as waiting. */
    private final Set<Long> finishedDuringRead = new HashSet<>();

    private boolean reading;
    private boolean moreDue;

    /** How many writes look for the next change of a key, and whether the key was held again since. */
    private static final class Release {
        private int running;
        private boolean lookAgain;
    }

    boolean isEmpty() {
        return held.isEmpty();
    }

    int size() {
        return held.size();
    }

    boolean contains(long keyHash) {
        return held.contains(keyHash);
    }

    /** Holds a key back because a change of it waits or is parked; a release under way then looks again. */
    void hold(long keyHash) {
        held.add(keyHash);
        Release release = releases.get(keyHash);
        if (release != null) {
            release.lookAgain = true;
        }
    }

    /** The store may have due changes that were not read yet. */
    void expectDue() {
        moreDue = true;
    }

    /** Whether due changes should be read now. */
    boolean isReadNeeded() {
        return moreDue && !reading;
    }

    void startRead() {
        reading = true;
        moreDue = false;
    }

    void endRead() {
        reading = false;
        finishedDuringRead.clear();
    }

    /** Takes a due change in hand; {@link #putBack} then makes it ready to send. Null if its key is busy. */
    @Nullable PendingChange take(DueChange due) {
        PendingChange item = PendingChange.held(due);
        long keyHash = item.keyHash();
        if (finishedDuringRead.contains(item.sequence()) || inHand.putIfAbsent(keyHash, item) != null) {
            return null;
        }
        held.add(keyHash);
        return item;
    }

    @Nullable PendingChange next() {
        return ready.poll();
    }

    /** What {@link #next} would return. */
    @Nullable PendingChange peek() {
        return ready.peek();
    }

    boolean hasNext() {
        return !ready.isEmpty();
    }

    void putBack(PendingChange item) {
        ready.add(item);
    }

    /** Drops the changes that were read but not sent; they are read again later. */
    void dropReady() {
        PendingChange item = ready.poll();
        while (item != null) {
            inHand.remove(item.keyHash());
            item = ready.poll();
        }
    }

    int inHand() {
        return inHand.size();
    }

    /** The outcome of a change in hand is durable. */
    void finished(PendingChange item) {
        inHand.remove(item.keyHash(), item);
        if (reading) {
            finishedDuringRead.add(item.sequence());
        }
    }

    /** The key's head is finished, and a write looks for the next change of the key. */
    void startRelease(long keyHash) {
        releases.computeIfAbsent(keyHash, hash -> new Release()).running++;
    }

    /**
     * The write is committed; the key is free unless the store still holds a change of it.
     *
     * @return whether another write must look, because the key was held again meanwhile
     */
    boolean endRelease(long keyHash, boolean stillHeld) {
        Release release = releases.get(keyHash);
        if (release == null) {
            throw new IllegalStateException("no release was started");
        }
        release.running--;
        if (release.running > 0) {
            return false; // the last one decides
        }
        releases.remove(keyHash);
        if (stillHeld) {
            return false;
        }
        if (!release.lookAgain) {
            held.remove(keyHash);
        }
        return release.lookAgain;
    }
}
