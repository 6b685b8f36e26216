package dev.serai.store;

import dev.serai.ledger.DuplicatesContract;
import dev.serai.ledger.model.Store;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** With runs of four changes, so that most of what is looked for lies in one. */
class SqliteDuplicatesTest extends DuplicatesContract {
    @TempDir
    Path folder;

    @Override
    protected Store open() {
        return JdbcStore.open(folder.resolve("ledger.db"), 4);
    }

    @Override
    protected Store openAgain(Store store) {
        store.close();
        return open();
    }
}
