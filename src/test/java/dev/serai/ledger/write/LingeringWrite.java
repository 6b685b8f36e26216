package dev.serai.ledger.write;

import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.Transaction;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A write that may linger for a day. */
final class LingeringWrite extends Write {
    static final long DAY_MILLIS = TimeUnit.DAYS.toMillis(1);

    final CompletableFuture<Transaction> transaction = new CompletableFuture<>();

    LingeringWrite() {
        linger(DAY_MILLIS);
    }

    @Override
    public void apply(Transaction within) {
        transaction.complete(within);
    }

    @Override
    public void committed() {}

    @Override
    public boolean failed(StoreException reason) {
        return true;
    }

    @Override
    public void refused(RuntimeException reason) {}
}
