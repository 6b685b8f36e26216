package dev.serai.store.postgres;

import dev.serai.ledger.model.ShardSequence;

/**
 * How a shard counts its changes.
 *
 * @param shard its number, from 0
 * @param shards the number of shards of the ledger
 */
record ShardNumbers(int shard, int shards) {

    /** The distance of two sequences. */
    int stride() {
        return shards == 1 ? 1 : ShardSequence.SHARDS_MAX;
    }

    /** The next sequence after {@code last} that is at least {@code from}, which is a multiple of {@link #stride}. */
    long next(long last, long from) {
        long next = shards == 1 ? last + 1 : ShardSequence.next(last, shard);
        long first = shards == 1 ? from : from + shard;
        return Math.max(next, first);
    }

    /** How many changes the shard can have between two sequences. */
    long count(long first, long last) {
        return (last - first) / stride();
    }
}
