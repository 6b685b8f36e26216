package dev.serai.ledger.write;

import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.Transaction;

/** Writes nothing; wakes a writer that waits for work, so that it sees that it was closed. */
final class WakeWrite extends Write {
    @Override
    public void apply(Transaction transaction) {}

    @Override
    public void committed() {}

    @Override
    public boolean failed(StoreException reason) {
        return false;
    }

    @Override
    public void refused(RuntimeException reason) {}

    @Override
    public boolean isUrgent() {
        return true;
    }
}
