package dev.serai.store.postgres;

import org.jspecify.annotations.Nullable;

/** This node's hold on an open shard. Threads: safe. */
interface ShardLease {

    /** See {@link dev.serai.ledger.model.Store#lapse}. */
    @Nullable String lapse();

    /** The shard is closed. */
    void end();
}
