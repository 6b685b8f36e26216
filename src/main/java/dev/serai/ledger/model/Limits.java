package dev.serai.ledger.model;

/**
 * The limits that bound memory and the size of transactions.
 *
 * @param queuedChangesMax changes that wait to be committed; further ones are refused
 * @param queuedBytesMax the memory that they take, see {@link Change#memoryBytes}
 * @param groupChangesMax changes and outcomes that one transaction holds
 * @param groupBytesMax the memory that they take
 * @param windowChangesMax a target's unfinished changes in memory; the rest stay in the store
 * @param windowBytesMax the memory that they take
 * @param windowsBytesMax the memory that those of all targets take, of which each gets an equal share
 * @param spanMax the number of changes finished after the oldest unfinished one at which a target stops reading
 * @param heldKeysMax keys held back by failing changes that all targets together know for sure, of which each gets an equal
 *     share; more are looked up in the store
 * @param nameCharsMax longest id, key or version
 * @param lingerMillisMax how long the outcome of a change that was delivered at once may wait for others to be committed with: if the
 *     process dies meanwhile, it is delivered again; until then it takes room in the window, so longer is not faster
 */
public record Limits(
        int queuedChangesMax,
        long queuedBytesMax,
        int groupChangesMax,
        long groupBytesMax,
        int windowChangesMax,
        long windowBytesMax,
        long windowsBytesMax,
        int spanMax,
        int heldKeysMax,
        int nameCharsMax,
        long lingerMillisMax) {

    /** What a stuck key takes in memory, with its part of the filter for further ones. */
    private static final int HELD_KEY_BYTES = 48;

    private static final int WINDOW_CHANGES_MIN = 8;

    public static final Limits DEFAULT =
            new Limits(16_384, 64L << 20, 1_024, 8L << 20, 2_048, 16L << 20, 1L << 30, 100_000, 1_000_000, 512, 4);

    /** The same for a process with so much memory: queue, windows and stuck keys take at most an eighth each. */
    public Limits within(long heapBytes) {
        return new Limits(
                queuedChangesMax,
                Math.min(queuedBytesMax, heapBytes / 8),
                groupChangesMax,
                groupBytesMax,
                windowChangesMax,
                windowBytesMax,
                Math.min(windowsBytesMax, heapBytes / 8),
                spanMax,
                (int) Math.min(heldKeysMax, heapBytes / 8 / HELD_KEY_BYTES),
                nameCharsMax,
                lingerMillisMax);
    }

    /**
     * The same for one of several shards: what a target has in memory is spread over them, and so are outcomes, which then wait longer, so
     * that they need no more commits than in one shard.
     */
    public Limits ofShard(int shards) {
        return new Limits(
                queuedChangesMax,
                queuedBytesMax,
                groupChangesMax,
                groupBytesMax,
                Math.max(WINDOW_CHANGES_MIN, windowChangesMax / shards),
                windowBytesMax,
                windowsBytesMax,
                spanMax,
                Math.max(1, heldKeysMax / shards),
                nameCharsMax,
                lingerMillisMax * shards);
    }
}
