package dev.serai.store.postgres;

import org.jspecify.annotations.Nullable;

/**
 * The part of a ledger that one of its databases keeps: a range of its shards, without gaps. The ranges of the databases follow each other
 * in the order in which the ledger's URL names them, and differ by one shard at most.
 *
 * @param ledger the id of the whole ledger; null before it is known
 * @param number the place of the database, from 0
 * @param parts how many databases the ledger has
 * @param shards of the whole ledger
 */
public record LedgerPart(@Nullable String ledger, int number, int parts, int shards) {

    /** @throws IllegalArgumentException if there are more databases than shards */
    public LedgerPart {
        if (shards < parts) {
            throw new IllegalArgumentException("a ledger in " + parts
                    + " databases needs as many shards at least: set serai.shards to " + parts + " or more");
        }
    }

    /** The first of its shards. */
    public int first() {
        return number * shards / parts;
    }

    /** After the last of its shards. */
    public int end() {
        return (number + 1) * shards / parts;
    }

    /** The part of the database that follows. */
    public LedgerPart next() {
        return new LedgerPart(ledger, number + 1, parts, shards);
    }
}
