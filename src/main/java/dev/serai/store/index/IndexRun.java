package dev.serai.store.index;

import dev.serai.store.jdbc.Session;
import java.util.function.LongPredicate;

/**
 * A stored, sorted and finished part of the id index: the ids and keys of a range of sequences. It never changes.
 *
 * @param changes how many changes it has
 * @param ids which ids it may have
 * @param keys which keys it may have
 */
record IndexRun(int number, long fromSequence, long toSequence, long changes, IndexFilter ids, IndexFilter keys) {

    /** Passes the sequences with this hash to {@code more}, newest first, until it returns false. */
    void each(Session session, IndexKind kind, long hash, LongPredicate more) {
        session.each(
                "pagesDown",
                row -> {
                    boolean ended = IndexRunPage.read(row.getBytes("entries")).each(hash, more);
                    return !ended && row.getLong("first_hash") == hash;
                },
                number,
                kind.number(),
                hash);
    }
}
