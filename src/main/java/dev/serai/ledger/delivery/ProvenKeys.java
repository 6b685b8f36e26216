package dev.serai.ledger.delivery;

/**
 * Keys whose last delivery succeeded: a fixed number, newer ones replace older ones.
 *
 * <p>Threads: as in {@link Circuit}.
 */
final class ProvenKeys {
    private static final int SLOTS = 1 << 14;

    private final long[] hashes = new long[SLOTS];
    private boolean any;

    void add(long keyHash) {
        hashes[slot(keyHash)] = keyHash;
        any = true;
    }

    void remove(long keyHash) {
        int slot = slot(keyHash);
        if (hashes[slot] == keyHash) {
            hashes[slot] = 0;
        }
    }

    boolean contains(long keyHash) {
        return hashes[slot(keyHash)] == keyHash;
    }

    /** Whether the target ever took a change. */
    boolean isAny() {
        return any;
    }

    private static int slot(long keyHash) {
        return (int) (keyHash ^ keyHash >>> 32) & SLOTS - 1;
    }
}
