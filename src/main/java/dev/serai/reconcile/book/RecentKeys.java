package dev.serai.reconcile.book;

import dev.serai.reconcile.book.Book.Given;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;

/**
 * The keys of which the target took something since they were compared, and those that were not equal then. All other keys are
 * known to be equal once all were compared at some time.
 *
 * <p>Each comparison begins a turn; what is taken during it belongs to that turn, and is compared by a later one.
 *
 * <p>Threads: safe.  <p>Throws: {@link BookException}.
 */
public final class RecentKeys {
    private static final String TURN = "turn";
    private static final String SWEPT = "swept";

    private final BookTables file;
    private final boolean isKept;

    /** @param isKept whether somebody asks for them; else nothing is written */
    RecentKeys(BookTables file, boolean isKept) {
        this.file = file;
        this.isKept = isKept;
    }

    /** Forgets what is of a time in which they were kept, if they are not any more. */
    void begin() {
        if (!isKept) {
            file.write(in -> {
                in.meta(SWEPT, null);
                return in.update("DELETE FROM recent");
            });
        }
    }

    void taken(BookTables in, List<Given> given) throws SQLException {
        if (isKept) {
            long turn = turn();
            in.updateEach(
                    "INSERT INTO recent (key, turn) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET turn = excluded.turn",
                    given.stream().map(one -> BookTables.row(one.key(), turn)).toList());
        }
    }

    private long turn() {
        String turn = file.meta(TURN);
        return turn == null ? 0 : Long.parseLong(turn);
    }

    /** Begins to compare what is known now. What is taken from now on is of the turn that is returned, or a later one. */
    public long nextTurn() {
        long next = turn() + 1;
        file.writeMeta(TURN, String.valueOf(next));
        return next;
    }

    /** The keys of earlier turns that are not known to be equal, in their order. */
    public List<String> before(long turn, String after, int limit) {
        return file.list(
                "SELECT key FROM recent WHERE turn < ? AND key > ? ORDER BY key LIMIT ?",
                row -> row.getString(1),
                turn,
                after,
                limit);
    }

    /** These are equal, unless something was taken in this turn or later. */
    public void equal(long turn, Collection<String> keys) {
        file.writeEach(
                "DELETE FROM recent WHERE key = ? AND turn < ?",
                keys.stream().map(key -> BookTables.row(key, turn)).toList());
    }

    /**
     * The keys of earlier turns are compared; those that are not equal stay.
     *
     * @param all whether all keys are, and not only recent ones
     */
    public void compared(long turn, boolean all) {
        if (!isKept) {
            return;
        }
        file.write(in -> {
            in.update("DELETE FROM recent WHERE turn < ?", turn);
            keepUnequal(in);
            if (all) {
                in.meta(SWEPT, "true");
            }
            return true;
        });
    }

    /** The keys that a run has found unequal are compared again. */
    public void unequal() {
        if (isKept) {
            file.write(in -> {
                keepUnequal(in);
                return true;
            });
        }
    }

    private static void keepUnequal(BookTables in) throws SQLException {
        in.update("INSERT INTO recent (key, turn) SELECT key, 0 FROM difference WHERE " + RunNotes.UNRESOLVED
                + " ON CONFLICT (key) DO NOTHING");
    }

    /** Whether all keys were compared at some time, so that from then on it is enough to compare recent ones. */
    public boolean isSwept() {
        return file.meta(SWEPT) != null;
    }
}
