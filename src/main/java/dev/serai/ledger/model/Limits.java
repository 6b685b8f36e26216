package dev.serai.ledger.model;

/**
 * The bounds that keep memory and transactions small, whatever arrives.
 *
 * @param queuedChangesMax changes waiting to be committed; more are pushed back
 * @param queuedBytesMax their bodies together
 * @param groupChangesMax changes and outcomes that one transaction holds
 * @param groupBytesMax bodies that one transaction holds
 * @param windowChangesMax a target's unfinished changes in memory; the rest stay in the store
 * @param windowBytesMax their bodies together
 * @param spanMax how many changes may be finished beyond the oldest unfinished one before a target reads no further
 * @param heldKeysMax a target's keys held back by a failing change; beyond that it reads no further
 * @param nameCharsMax longest id, key or version
 */
public record Limits(
        int queuedChangesMax,
        long queuedBytesMax,
        int groupChangesMax,
        long groupBytesMax,
        int windowChangesMax,
        long windowBytesMax,
        int spanMax,
        int heldKeysMax,
        int nameCharsMax) {

    public static final Limits DEFAULT =
            new Limits(16_384, 64L << 20, 1_024, 8L << 20, 2_048, 16L << 20, 100_000, 200_000, 512);
}
