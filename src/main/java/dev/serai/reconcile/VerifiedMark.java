package dev.serai.reconcile;

import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.Cursor;
import dev.serai.reconcile.book.Book;
import dev.serai.reconcile.book.RunNotes.OpenDifferences;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Up to when everything that was accepted is known to be equal, and how many keys are known to differ.
 *
 * <p>The mark is in the ledger, under a cursor that nobody is shown; the differing keys are in the book.
 *
 * <p>Threads: moved by one, read by any.
 */
final class VerifiedMark {
    private static final Logger LOG = LoggerFactory.getLogger(VerifiedMark.class);

    private final Ledger ledger;
    private final Book book;
    private final Clock clock;
    private final String cursor;
    private volatile @Nullable Instant through;
    private volatile OpenDifferences open;

    VerifiedMark(Ledger ledger, ReconcileFile file, Book book, Clock clock) {
        this.ledger = ledger;
        this.book = book;
        this.clock = clock;
        this.cursor = Cursor.HIDDEN + "verified:" + file.name();
        this.open = book.notes().open();
        Optional<Cursor> saved = ledger.cursor(cursor);
        try {
            this.through = saved.map(one -> Instant.parse(one.value())).orElse(null);
        } catch (DateTimeException e) {
            LOG.warn(
                    "The mark of the reconciliation {} cannot be read, so a run has to set it again: {}",
                    file.name(),
                    e.getMessage());
        }
    }

    /** Null if that is not known. */
    @Nullable Instant through() {
        return through;
    }

    /** Those that a run over all keys found and none has found equal since. */
    OpenDifferences open() {
        return open;
    }

    /**
     * A run has ended that has compared all keys, or all of which it is not known that they are equal.
     *
     * @param bound it goes no further than this; null if it must not go forward
     */
    void move(RunProgress run, @Nullable Instant bound) {
        open = book.notes().setOpen(0, clock.instant(), false);
        Instant to = Objects.requireNonNull(run.through, "the run has compared");
        Instant advanced = run.advanced;
        to = advanced != null && advanced.isAfter(to) ? advanced : to;
        Instant now = through;
        Instant differing = book.notes().oldestDifference(now);
        if (differing != null && !differing.isAfter(to)) {
            to = differing.minusMillis(1);
        }
        if (to.isAfter(Instant.EPOCH)) { // else nothing is known for sure
            book.recent().compared(run.turn, !run.request.hot());
            to = bound != null && bound.isBefore(to) ? bound : to;
            boolean isBack = now != null && to.isBefore(now);
            if (bound != null || isBack) {
                set(to);
            }
        }
    }

    /** While a run over all keys goes on recent ones were equal, so that it goes forward. */
    void advance(RunProgress run, Instant to) {
        Instant now = through;
        if (now != null && to.isAfter(now)) {
            set(to);
            run.advanced = to;
        }
    }

    /** Random keys were compared, which tells nothing about the others: what differs holds the mark back, and nothing else is new. */
    void hold() {
        open = book.notes().setOpen(open.keys(), clock.instant(), false);
        book.recent().unequal();
        Instant differing = book.notes().oldestOpen();
        Instant now = through;
        if (differing != null && now != null && !differing.isAfter(now)) {
            set(differing.minusMillis(1));
        }
    }

    private void set(Instant to) {
        through = to;
        ledger.saveCursor(new Cursor(cursor, to.toString(), clock.instant())).join();
    }
}
