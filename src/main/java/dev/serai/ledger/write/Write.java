package dev.serai.ledger.write;

import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.Transaction;

/** One write, which the writer commits together with others in one transaction. */
public abstract class Write {
    /** Of what nobody waits for, but something may follow from. */
    private static final long SHORT_MILLIS = 4;

    private long lingerMillis = SHORT_MILLIS;

    /** Applies the write to a transaction. Called again with a new one if the commit failed. */
    public abstract void apply(Transaction transaction);

    /** Called after the commit and before the dispatchers are notified, on the writer's thread, so it must be quick. */
    void durable() {}

    /** Called after the commit, on the writer's thread in commit order, so it must be quick. */
    public abstract void committed();

    /**
     * It is unknown whether it is durable.
     *
     * @return whether it must be applied again once the store works
     */
    public abstract boolean failed(StoreException reason);

    /** It threw this when it was applied alone: nothing of it is stored, and it is not applied again. */
    public abstract void refused(RuntimeException reason);

    /** For so many milliseconds it may wait for others to be committed with; 0 if somebody waits for it. */
    public final long lingerMillis() {
        return lingerMillis;
    }

    /** Call before it is submitted. */
    public final void linger(long millis) {
        lingerMillis = millis;
    }

    /** How many changes it adds. */
    int changes() {
        return 0;
    }

    /** The memory that its changes take. */
    long bytes() {
        return 0;
    }
}
