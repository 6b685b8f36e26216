package dev.serai.ledger.dispatch;

/**
 * Keys of which the target took a change not long ago: a fixed number, newer ones replace older ones.
 *
 * <p>Threads: used under its dispatcher's lock.
 */
final class ProvenKeys {
    private static final int SLOTS = 1 << 14;

    private final long[] hashes = new long[SLOTS];
    private boolean any;

    void add(long keyHash) {
        hashes[slot(keyHash)] = keyHash;
        any = true;
    }

    boolean contains(long keyHash) {
        return hashes[slot(keyHash)] == keyHash;
    }

    /** Whether the target took a change of any key. */
    boolean isAny() {
        return any;
    }

    private static int slot(long keyHash) {
        return (int) (keyHash ^ keyHash >>> 32) & SLOTS - 1;
    }
}
