package dev.serai.ledger.model;

/**
 * The sequences of a ledger that is kept in several shards: each is a counter × {@value #SHARDS_MAX} + the number of the shard,
 * so it is unique and tells its shard, and the sequences of one shard increase. A store that is one of several shards counts
 * like this; a store that is the whole ledger counts 1, 2, 3, and its sequences tell nothing.
 */
public final class ShardSequence {
    public static final int SHARDS_MAX = 64;

    private ShardSequence() {}

    /** @param last the shard's newest sequence, 0 if there is none */
    public static long next(long last, int shard) {
        return (last / SHARDS_MAX + 1) * SHARDS_MAX + shard;
    }

    public static int shardOf(long sequence) {
        return (int) (sequence % SHARDS_MAX);
    }
}
