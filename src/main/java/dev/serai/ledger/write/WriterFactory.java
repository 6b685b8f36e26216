package dev.serai.ledger.write;

import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Limits;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.time.TimeSource;
import java.util.List;
import java.util.function.Consumer;

/** Makes a ledger's writer. */
@FunctionalInterface
public interface WriterFactory {
    Writer create(Store store, Limits limits, TimeSource time, Consumer<List<Entry>> afterCommit);
}
