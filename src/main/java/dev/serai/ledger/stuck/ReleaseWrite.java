package dev.serai.ledger.stuck;

import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.ledger.outcome.SettleWrite;
import dev.serai.ledger.time.LedgerClock;
import dev.serai.ledger.write.Write;
import java.util.function.Consumer;

/** Makes the next change of a key due after the change that held the key back is gone. */
public final class ReleaseWrite extends Write {
    private final TargetName name;
    private final long keyHash;
    private final LedgerClock clock;
    private final Consumer<SettleWrite.Next> whenCommitted;
    private final Consumer<ReleaseWrite> whenRefused;
    private SettleWrite.Next next = SettleWrite.Next.NONE;

    /**
     * @param whenCommitted called by the writer with what is stored for the key
     * @param whenRefused called by the writer; to submit it again later
     */
    public ReleaseWrite(
            TargetName name,
            long keyHash,
            LedgerClock clock,
            Consumer<SettleWrite.Next> whenCommitted,
            Consumer<ReleaseWrite> whenRefused) {
        this.name = name;
        this.keyHash = keyHash;
        this.clock = clock;
        this.whenCommitted = whenCommitted;
        this.whenRefused = whenRefused;
    }

    @Override
    public void apply(Transaction transaction) {
        next = SettleWrite.Next.of(transaction, name, keyHash, clock.steady());
    }

    @Override
    public void committed() {
        whenCommitted.accept(next);
    }

    @Override
    public boolean failed(StoreException reason) {
        return true;
    }

    @Override
    public void refused(RuntimeException reason) {
        whenRefused.accept(this);
    }

    @Override
    public String toString() {
        return "the release of a key of " + name;
    }
}
