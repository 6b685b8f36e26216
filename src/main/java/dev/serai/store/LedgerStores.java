package dev.serai.store;

import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException;
import dev.serai.store.crypt.BodyCipher;
import dev.serai.store.jdbc.StoreOpenException;
import dev.serai.store.sqlite.SqliteDatabase;
import java.util.List;

/** Opens the stores of a ledger, one for each of its shards. */
public final class LedgerStores {
    private LedgerStores() {}

    /**
     * Opens a ledger; creates it if it is missing.
     *
     * @param bodies encrypts and decrypts them
     * @return the stores of its shards, in their order
     * @throws StoreOpenException if it is in use, damaged, newer than this program, or cannot be written
     * @throws StoreException if bodies in it are encrypted with a key that is missing
     */
    public static List<Store> open(LedgerAddress address, BodyCipher bodies) {
        return List.of(JdbcStore.open(new SqliteDatabase(address.sqliteFile()), JdbcStore.RUN_CHANGES, bodies));
    }
}
