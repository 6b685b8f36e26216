package dev.serai.ledger;

import dev.serai.store.postgres.SimulatedLeases.LeasedShard;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** The store of a shard that a node has taken: its log in memory, and its fence in the tables of the simulated server. */
final class LeasedStore extends MemoryStore {
    private final LeasedShard leased;
    private final LongConsumer written;
    private boolean closed;

    /** @param written takes the epoch of each commit that passes the fence */
    LeasedStore(MemoryStore log, LeasedShard leased, LongConsumer written) {
        super(log);
        this.leased = leased;
        this.written = written;
        leased.open();
    }

    long epoch() {
        return leased.epoch();
    }

    @Override
    void beforeCommit(long lastSequence) {
        leased.fence(lastSequence);
        written.accept(leased.epoch());
    }

    @Override
    public void reopen() {
        leased.open();
        super.reopen();
    }

    @Override
    public @Nullable String lapse() {
        return leased.lapse();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            leased.close();
        }
    }
}
