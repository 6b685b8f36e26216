package dev.serai.ledger.stuck;

/**
 * A Bloom filter over key hashes: it says of each key that it was surely not added, or that it may have been.
 *
 * <p>Threads: one thread at a time.
 */
final class KeyFilter {
    private static final long MIX = 0x9E3779B97F4A7C15L;
    private static final int BITS_MIN = 1 << 10;
    private static final int BITS_MAX = 1 << 30;

    private final long[] words;

    /** @param bits about how many bits it has */
    KeyFilter(long bits) {
        long rounded = Long.highestOneBit(Math.max(BITS_MIN, Math.min(BITS_MAX, bits)));
        this.words = new long[(int) (rounded >>> 6)];
    }

    void add(long keyHash) {
        long mixed = keyHash * MIX;
        set((int) mixed);
        set((int) (mixed >>> 32));
    }

    boolean mayContain(long keyHash) {
        long mixed = keyHash * MIX;
        return isSet((int) mixed) && isSet((int) (mixed >>> 32));
    }

    /** Adds all that was added to another one of the same size. */
    void addAll(KeyFilter other) {
        for (int i = 0; i < words.length; i++) {
            words[i] |= other.words[i];
        }
    }

    KeyFilter emptyCopy() {
        return new KeyFilter(64L * words.length);
    }

    boolean isEmpty() {
        for (long word : words) {
            if (word != 0) {
                return false;
            }
        }
        return true;
    }

    private void set(int bit) {
        words[word(bit)] |= 1L << bit;
    }

    private boolean isSet(int bit) {
        return (words[word(bit)] & 1L << bit) != 0;
    }

    private int word(int bit) {
        return bit >>> 6 & words.length - 1;
    }
}
