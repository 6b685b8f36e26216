package dev.serai.store.index;

import dev.serai.store.jdbc.Session;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A stored, sorted and finished part of the id index: the ids and keys of a range of sequences.
 *
 * @param ids which ids it may have
 * @param keys which keys it may have; null in a run written before there was such a filter
 */
record IndexRun(
        int number,
        long fromSequence,
        long toSequence,
        boolean swept,
        Bloom ids,
        @Nullable Bloom keys) {

    IndexRun asSwept() {
        return new IndexRun(number, fromSequence, toSequence, true, ids, keys);
    }

    boolean mayContainKey(long hash) {
        return keys == null || keys.mayContain(hash);
    }

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
