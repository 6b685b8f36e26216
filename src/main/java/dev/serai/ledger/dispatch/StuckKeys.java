package dev.serai.ledger.dispatch;

import dev.serai.ledger.model.DueChange;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys that a failing change holds back, and those of their waiting changes that were read from the store because
 * they are due.
 *
 * <p>Threads: used under its dispatcher's lock.
 */
final class StuckKeys {
    private final Set<Long> held = new HashSet<>();
    /** By key hash: due changes in memory, from being read until their outcome is durable. */
    private final Map<Long, PendingChange> inHand = new HashMap<>();
    /** KeyQueues whose head is finished while its outcome, and with it the next of the key, is still being written. */
    private final Map<Long, Release> releases = new HashMap<>();

    private final ArrayDeque<PendingChange> ready = new ArrayDeque<>();
    /** Finished while a read of due changes runs, which may still show them as waiting. */
    private final Set<Long> finishedDuringRead = new HashSet<>();

    private boolean reading;

    /** How many writes look for the next of a key, and whether one may have come after they looked. */
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

    /** Holds a key back because of a change of it that waits or is parked, so that a release under way looks again. */
    void hold(long keyHash) {
        held.add(keyHash);
        Release release = releases.get(keyHash);
        if (release != null) {
            release.lookAgain = true;
        }
    }

    void startRead() {
        reading = true;
    }

    boolean isReading() {
        return reading;
    }

    void endRead() {
        reading = false;
        finishedDuringRead.clear();
    }

    /** Takes a due change in hand, to be {@link #putBack put} among those to be sent; null if its key is busy. */
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

    /** Lets go of changes that were read but not sent; they are read again when due. */
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

    /** The key's head is finished; the next of the key is being looked for. */
    void startRelease(long keyHash) {
        releases.computeIfAbsent(keyHash, hash -> new Release()).running++;
    }

    /**
     * The store was asked, and the key is free unless something of it is still held there.
     *
     * @return whether the store must be asked again, because something was held meanwhile
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
