package dev.serai.connector.pull;

import dev.serai.camel.ledger.LedgerComponent;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.Cursor;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/**
 * The cursor of a pull in the ledger.
 *
 * <p>Threads: one thread.
 */
final class SavedCursor {
    private static final long SAVE_SECONDS_MAX = 30;

    private final CamelContext context;
    private final String name;
    /** What the run has read or saved last. */
    private @Nullable String known;
    /** What it has handed over last together with records, which may be saved. */
    private @Nullable String offered;

    SavedCursor(CamelContext context, String name) {
        this.context = context;
        this.name = name;
    }

    String name() {
        return name;
    }

    /** Whether the pull is this node's: on several nodes one of them runs it. */
    boolean isHere() {
        return ledger().isOwnCursor(name);
    }

    /** Null if none is saved yet. */
    @Nullable Cursor read() {
        return ledger().cursor(name).orElse(null);
    }

    /** The one that a run begins with; null if none is saved yet. */
    @Nullable Cursor begin() {
        Cursor saved = read();
        known = saved == null ? null : saved.value();
        return saved;
    }

    /**
     * What somebody else has set during the run; null if nobody has.
     *
     * @param next what the run is about to hand over
     */
    @Nullable String movedTo(@Nullable String next) {
        Cursor saved = read();
        String now = saved == null ? null : saved.value();
        boolean isOwn = Objects.equals(now, known) || Objects.equals(now, offered);
        if (!isOwn) {
            return now;
        }
        known = now;
        offered = next == null ? offered : next;
        return null;
    }

    /**
     * Saves it, unless the ledger did so together with the records, as it does if the route sends it whole batches, and unless
     * an operator has set another one during the run.
     */
    void save(@Nullable String value) throws Exception {
        if (value == null || value.equals(known)) {
            return;
        }
        Cursor saved = read();
        String now = saved == null ? null : saved.value();
        if (value.equals(now)) {
            known = value;
        } else if (Objects.equals(now, known)) {
            ledger().saveCursor(new Cursor(name, value, Instant.now())).get(SAVE_SECONDS_MAX, TimeUnit.SECONDS);
            known = value;
        }
    }

    private Ledger ledger() {
        return context.getComponent("ledger", LedgerComponent.class).ledger();
    }
}
