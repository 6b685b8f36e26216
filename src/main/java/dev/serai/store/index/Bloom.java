package dev.serai.store.index;

import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;

/**
 * A blocked Bloom filter over 64-bit hashes, with 16 bits per entry and about 0.1 % false positives.
 *
 * <p>All bits of an entry are in one block of 512 bits, so that a lookup costs one cache miss (Putze, Sanders, Singler:
 * Cache-, Hash- and Space-Efficient Bloom Filters).
 */
final class Bloom {
    private static final int BITS_PER_ENTRY = 16;
    private static final int BLOCK_LONGS = 8;
    private static final int PROBES = 7;

    private final long[] bits;
    private final LongBuffer buffer;

    private Bloom(long[] bits) {
        this.bits = bits;
        this.buffer = LongBuffer.wrap(bits);
    }

    static Bloom forEntries(long entries) {
        int blocks = 1 + (int) (entries * BITS_PER_ENTRY / (64L * BLOCK_LONGS));
        return new Bloom(new long[blocks * BLOCK_LONGS]);
    }

    static Bloom read(byte[] stored) {
        LongBuffer buffer = ByteBuffer.wrap(stored).asLongBuffer();
        long[] bits = new long[buffer.remaining()];
        buffer.get(bits);
        return new Bloom(bits);
    }

    byte[] write() {
        ByteBuffer buffer = ByteBuffer.allocate(bits.length * Long.BYTES);
        buffer.asLongBuffer().put(bits);
        return buffer.array();
    }

    int length() {
        return bits.length;
    }

    void clear() {
        Arrays.fill(bits, 0);
    }

    void add(long hash) {
        int block = block(hash, bits.length);
        long probe = mix(hash);
        for (int i = 0; i < PROBES; i++) {
            int bit = (int) (probe >>> (9 * i)) & 511;
            bits[block + (bit >>> 6)] |= 1L << bit;
        }
    }

    boolean mayContain(long hash) {
        return mayContain(buffer, 0, bits.length, hash);
    }

    /** Asks the filter that takes {@code length} places of a buffer, from a place on. */
    static boolean mayContain(LongBuffer bits, int from, int length, long hash) {
        int block = from + block(hash, length);
        long probe = mix(hash);
        for (int i = 0; i < PROBES; i++) {
            int bit = (int) (probe >>> (9 * i)) & 511;
            if ((bits.get(block + (bit >>> 6)) & 1L << bit) == 0) {
                return false;
            }
        }
        return true;
    }

    private static int block(long hash, int length) {
        long blocks = length / BLOCK_LONGS;
        return (int) (((hash >>> 32) * blocks) >>> 32) * BLOCK_LONGS;
    }

    /** Derives bits that are independent of the ones that select the block. */
    private static long mix(long hash) {
        long mixed = (hash ^ (hash >>> 31)) * 0x9E3779B97F4A7C15L;
        return mixed ^ (mixed >>> 29);
    }
}
