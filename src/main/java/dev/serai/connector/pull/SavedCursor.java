package dev.serai.connector.pull;

import dev.serai.camel.ledger.LedgerComponent;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.Cursor;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/**
 * The cursor of a pull in the ledger.
 *
 * <p>Threads: safe.
 */
final class SavedCursor {
    private static final long SAVE_SECONDS_MAX = 30;

    private final CamelContext context;
    private final String name;

    SavedCursor(CamelContext context, String name) {
        this.context = context;
        this.name = name;
    }

    String name() {
        return name;
    }

    /** Null if none is saved yet. */
    @Nullable Cursor read() {
        return ledger().cursor(name).orElse(null);
    }

    /** Saves it, unless the ledger did so together with the records, as it does if the route sends it whole batches. */
    void save(@Nullable String value) throws Exception {
        if (value == null) {
            return;
        }
        Cursor saved = read();
        if (saved == null || !saved.value().equals(value)) {
            ledger().saveCursor(new Cursor(name, value, Instant.now())).get(SAVE_SECONDS_MAX, TimeUnit.SECONDS);
        }
    }

    private Ledger ledger() {
        return context.getComponent("ledger", LedgerComponent.class).ledger();
    }
}
