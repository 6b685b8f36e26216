package dev.serai.store.postgres;

import dev.serai.ledger.DuplicatesContract;
import dev.serai.ledger.model.Store;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** With runs of four changes, so that most of what is looked for lies in one. */
class PostgresDuplicatesTest extends DuplicatesContract {
    @TempDir
    Path data;

    private final String schema = TestServer.newSchema();

    @Override
    protected Store open() {
        return TestServer.open(schema, data, 4);
    }

    @Override
    protected Store openAgain(Store store) {
        store.close();
        return open();
    }
}
