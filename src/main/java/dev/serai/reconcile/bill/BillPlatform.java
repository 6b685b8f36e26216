package dev.serai.reconcile.bill;

import dev.serai.reconcile.book.BillBook.BillLine;
import java.io.IOException;
import java.time.LocalDate;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A payment platform that has a bill for each day.
 *
 * <p>Threads: one.
 */
interface BillPlatform extends AutoCloseable {

    /** Whether a day has a bill. */
    enum BillState {
        FOUND,
        NOT_YET,
        NONE
    }

    /** @param fault how the bill's totals differ from its rows; null if they do not, or if there is no bill */
    record BillFound(BillState state, @Nullable String fault) {}

    /**
     * Reads the bill of a day.
     *
     * @param lines gets its rows, some at a time
     * @throws dev.serai.connector.pull.PullException if the bill is refused, incomplete or not to be believed
     */
    BillFound read(LocalDate day, Consumer<List<BillLine>> lines) throws Exception;

    @Override
    void close() throws IOException;
}
