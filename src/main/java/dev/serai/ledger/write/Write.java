package dev.serai.ledger.write;

import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.Transaction;

/** One thing to be made durable, together with whatever else goes into the same transaction. */
public abstract class Write {

    /** Puts it into the transaction. May be called again in a later one if that one failed. */
    public abstract void apply(Transaction transaction);

    /** It is durable. Called before the dispatchers hear of it; on the writer's thread, so it must be quick. */
    void durable() {}

    /** It is durable. Called on the writer's thread in commit order, so it must be quick. */
    public abstract void committed();

    /**
     * It is unknown whether it is durable.
     *
     * @return whether it must be applied again once the store works
     */
    public abstract boolean failed(StoreException reason);

    /** It threw this when it was applied alone: nothing of it is stored, and it is not applied again. */
    public abstract void refused(RuntimeException reason);

    /** Whether someone waits for it. What is not urgent waits a few milliseconds for company. */
    public abstract boolean isUrgent();

    /** How many changes it adds. */
    int changes() {
        return 0;
    }

    /** The bytes of their bodies. */
    long bytes() {
        return 0;
    }
}
