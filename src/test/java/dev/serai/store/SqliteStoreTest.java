package dev.serai.store;

import dev.serai.ledger.Store;
import dev.serai.ledger.StoreContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteStoreTest extends StoreContract {
    @TempDir
    Path folder;

    @Override
    protected Store open() {
        return JdbcStore.open(folder.resolve("ledger.db"));
    }
}
