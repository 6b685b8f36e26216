package dev.serai.ledger;

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
final class HeldKeys {
    private final Set<Long> held = new HashSet<>();
    /** By key hash: due changes in memory, from being read until their outcome is durable. */
    private final Map<Long, Item> inHand = new HashMap<>();
    /** Keys whose head is finished while its outcome, and with it the next of the key, is still being written. */
    private final Map<Long, Boolean> parkedWhileReleasing = new HashMap<>();

    private final ArrayDeque<Item> ready = new ArrayDeque<>();
    /** Finished while a read of due changes runs, which may still show them as waiting. */
    private final Set<Long> finishedDuringRead = new HashSet<>();

    private boolean reading;

    boolean isEmpty() {
        return held.isEmpty();
    }

    int size() {
        return held.size();
    }

    boolean contains(long keyHash) {
        return held.contains(keyHash);
    }

    void hold(long keyHash) {
        held.add(keyHash);
    }

    /** Notes that a change was parked, so that a release under way looks again. */
    void parked(long keyHash) {
        parkedWhileReleasing.computeIfPresent(keyHash, (hash, before) -> true);
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

    /** Takes a due change in hand unless its key is busy; says whether it did. */
    boolean take(Held due) {
        Item item = Item.held(due);
        long keyHash = item.keyHash();
        if (finishedDuringRead.contains(item.sequence()) || inHand.putIfAbsent(keyHash, item) != null) {
            return false;
        }
        held.add(keyHash);
        ready.add(item);
        return true;
    }

    @Nullable Item next() {
        return ready.poll();
    }

    boolean hasNext() {
        return !ready.isEmpty();
    }

    void putBack(Item item) {
        ready.add(item);
    }

    /** Lets go of changes that were read but not sent; they are read again when due. */
    void dropReady() {
        Item item = ready.poll();
        while (item != null) {
            inHand.remove(item.keyHash());
            item = ready.poll();
        }
    }

    int inHand() {
        return inHand.size();
    }

    /** The outcome of a change in hand is durable. */
    void finished(Item item) {
        inHand.remove(item.keyHash(), item);
        if (reading) {
            finishedDuringRead.add(item.sequence());
        }
    }

    /** The key's head is finished; the next of the key is being looked for. */
    void startRelease(long keyHash) {
        parkedWhileReleasing.put(keyHash, false);
    }

    /**
     * Nothing of the key was found held in the store.
     *
     * @return whether the key is free; if not, something was parked meanwhile and the store must be asked again
     */
    boolean endRelease(long keyHash) {
        boolean free = !Boolean.TRUE.equals(parkedWhileReleasing.remove(keyHash));
        if (free) {
            held.remove(keyHash);
        }
        return free;
    }

    /** Something of the key is still held in the store. */
    void keepHeld(long keyHash) {
        parkedWhileReleasing.remove(keyHash);
    }
}
