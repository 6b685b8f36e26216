package dev.serai.store;

import java.util.function.LongPredicate;

/** A stored, sorted and finished part of the id index: the ids and keys of a range of sequences. */
record Run(int number, long fromSequence, long toSequence, boolean swept, Bloom bloom) {

    Run asSwept() {
        return new Run(number, fromSequence, toSequence, true, bloom);
    }

    /** Gives the sequences under a hash, newest first, until one is not to be followed by more. */
    void each(Session session, Kind kind, long hash, LongPredicate more) {
        session.each(
                "pagesDown",
                row -> {
                    boolean ended = RunPage.read(row.getBytes(2)).each(hash, more);
                    return !ended && row.getLong(1) == hash;
                },
                number,
                kind.number(),
                hash);
    }
}
