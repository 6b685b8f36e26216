package dev.serai.ledger.stuck;

import dev.serai.ledger.model.DueChange;
import dev.serai.ledger.outcome.PendingChange;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The keys that a failing change holds back, and their due changes that were read from the store.
 *
 * <p>Threads: used under its dispatcher's lock.
 */
public final class StuckKeys {
    private final IntSupplier sureMax;
    private HeldKeys held;
    /** By key hash: due changes in memory, from being read until their outcome is durable. */
    private final Map<Long, PendingChange> inHand = new HashMap<>();

    private long bytesInHand;
    /** Keys whose head is finished, while the write that makes the next change due is not yet committed. */
    private final Map<Long, Release> releases = new HashMap<>();

    /** Due changes whose key failed last. */
    private final ArrayDeque<PendingChange> retries = new ArrayDeque<>();
    /** Changes of keys that continue after they were stuck. */
    private final ArrayDeque<PendingChange> recovering = new ArrayDeque<>();
    /** By key hash: the sequences of the dead letters that block the key. */
    private final Map<Long, Set<Long>> deadLetters = new HashMap<>();
    /** By key hash: how many changes are to be parked by writes that are not durable yet. */
    private final Map<Long, Integer> parking = new HashMap<>();
    /** Finished during a read of due changes, which may still return them as waiting. */
    private final Set<Long> finishedDuringRead = new HashSet<>();

    /** Keys whose parked changes are read and sent in order. */
    private Set<Long> continuing = Set.of();

    private boolean reading;
    private boolean moreDue;

    /** How many writes look for the next change of a key, and whether the key was held again since. */
    private static final class Release {
        private int running;
        private boolean lookAgain;
    }

    /** @param sureMax how many stuck keys may be known for sure now */
    public StuckKeys(IntSupplier sureMax) {
        this.sureMax = sureMax;
        this.held = new HeldKeys(sureMax);
    }

    /** A collection for keys that are read from the store. */
    public HeldKeys newKeys() {
        return new HeldKeys(sureMax);
    }

    /** Starts with the keys that the store holds. */
    public void start(HeldKeys stored) {
        held = stored;
    }

    public HeldKeys keys() {
        return held;
    }

    /** @param keys always the keys whose parked changes are read and sent in order */
    public void continuing(Set<Long> keys) {
        continuing = keys;
    }

    /** The store was read, which may have no row any more of a key that is not free yet. */
    void scanned(@Nullable KeyFilter stored) {
        held.endFilter(stored);
        List.of(inHand.keySet(), releases.keySet(), continuing).forEach(busy -> busy.forEach(held::add));
    }

    public boolean isEmpty() {
        return held.isEmpty() && deadLetters.isEmpty();
    }

    /** Whether the key is stuck, or may be. */
    public boolean contains(long keyHash) {
        return held.contains(keyHash) || isBlocked(keyHash);
    }

    /** How many keys a dead letter blocks. */
    public int blocked() {
        return deadLetters.size();
    }

    /** Whether a change of this key, which may be stuck, may have no other before it in the store. */
    public boolean mayBeFree(long keyHash) {
        return !held.isSure(keyHash) && !isBlocked(keyHash) && !isInHand(keyHash);
    }

    /** A dead letter blocks its key until it is replayed or discarded. */
    public void block(long keyHash, long sequence) {
        held.add(keyHash);
        deadLetters.computeIfAbsent(keyHash, hash -> new HashSet<>()).add(sequence);
    }

    /** These dead letters no longer block the key. */
    public void unblock(long keyHash, Set<Long> sequences) {
        deadLetters.computeIfPresent(keyHash, (hash, letters) -> {
            letters.removeAll(sequences);
            return letters.isEmpty() ? null : letters;
        });
    }

    /** Whether a dead letter blocks the key. */
    public boolean isBlocked(long keyHash) {
        return deadLetters.containsKey(keyHash);
    }

    /** Holds a key back because a change of it waits or is parked; a release under way then looks again. */
    public void hold(long keyHash) {
        held.add(keyHash);
        Release release = releases.get(keyHash);
        if (release != null) {
            release.lookAgain = true;
        }
    }

    /** The store may have due changes that were not read yet. */
    public void expectDue() {
        moreDue = true;
    }

    /** Whether due changes should be read now. */
    public boolean isReadNeeded() {
        return moreDue && !reading;
    }

    public void startRead() {
        reading = true;
        moreDue = false;
    }

    public void endRead() {
        reading = false;
        finishedDuringRead.clear();
    }

    /** Takes a due change in hand; {@link #putBack} then makes it ready to send. Null if its key is busy. */
    public @Nullable PendingChange take(DueChange due) {
        PendingChange item = PendingChange.held(due);
        long keyHash = item.keyHash();
        if (finishedDuringRead.contains(item.sequence()) || inHand.putIfAbsent(keyHash, item) != null) {
            return null;
        }
        bytesInHand += item.size();
        held.add(keyHash);
        return item;
    }

    /** Whether the change was finished while due changes were read, so that the read may still show it as waiting. */
    public boolean wasFinished(DueChange due) {
        return finishedDuringRead.contains(due.entry().sequence());
    }

    /** Takes in hand a change that is under way and was not stored until now. */
    public void takeUnderWay(PendingChange item) {
        hold(item.keyHash());
        inHand.put(item.keyHash(), item);
        bytesInHand += item.size();
    }

    /** Takes the next parked change of a key in hand, in the place of the one before it, and makes it ready to send. */
    public void advance(PendingChange next) {
        PendingChange before = inHand.put(next.keyHash(), next);
        bytesInHand += next.size() - (before == null ? 0 : before.size());
        putBack(next);
    }

    /** A change of the key is to be parked by a write. */
    public void startParking(long keyHash) {
        hold(keyHash);
        parking.merge(keyHash, 1, Integer::sum);
    }

    /** The write is durable. */
    public void endParking(long keyHash) {
        parking.computeIfPresent(keyHash, (hash, writes) -> writes == 1 ? null : writes - 1);
    }

    public boolean isParking(long keyHash) {
        return parking.containsKey(keyHash);
    }

    /** The key is not stuck any more. */
    public void free(long keyHash) {
        held.remove(keyHash);
    }

    public boolean areAllInHand(LongPredicate keyHashes) {
        return inHand.keySet().stream().allMatch(keyHashes::test);
    }

    /** The change of the key that is in hand, or null. */
    public @Nullable PendingChange inHand(long keyHash) {
        return inHand.get(keyHash);
    }

    /** Takes a change in hand out of those that are ready to send, if it is one. */
    public boolean takeReady(PendingChange item) {
        return retries.remove(item) || recovering.remove(item);
    }

    public boolean isInHand(long keyHash) {
        return inHand.containsKey(keyHash);
    }

    /** Whether it is this very change of its key. */
    public boolean isInHand(DueChange due) {
        PendingChange item = inHand.get(due.keyHash());
        return item != null && item.sequence() == due.entry().sequence();
    }

    /** Ready changes of keys that failed last, earliest first. */
    public ArrayDeque<PendingChange> retries() {
        return retries;
    }

    /** Ready changes of keys that continue after they were stuck, earliest first. */
    public ArrayDeque<PendingChange> recovering() {
        return recovering;
    }

    public void putBack(PendingChange item) {
        (item.isRetry() ? retries : recovering).add(item);
    }

    /** Drops the changes that were read but not sent; they are read again later. */
    public void dropReady() {
        retries.forEach(this::putDown);
        recovering.forEach(this::putDown);
        retries.clear();
        recovering.clear();
    }

    private void putDown(PendingChange item) {
        if (inHand.remove(item.keyHash(), item)) {
            bytesInHand -= item.size();
        }
    }

    public int inHand() {
        return inHand.size();
    }

    /** The memory that the changes in hand take. */
    public long bytesInHand() {
        return bytesInHand;
    }

    /** The outcome of a change in hand is durable. */
    public void finished(PendingChange item) {
        putDown(item);
        if (reading) {
            finishedDuringRead.add(item.sequence());
        }
    }

    /** The key's head is finished, and a write looks for the next change of the key. */
    public void startRelease(long keyHash) {
        releases.computeIfAbsent(keyHash, hash -> new Release()).running++;
    }

    /**
     * The write is committed; the key is free unless the store still holds a change of it.
     *
     * @return whether another write must look, because the key was held again meanwhile
     */
    public boolean endRelease(long keyHash, boolean stillHeld) {
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
