package dev.serai.connector.sql;

import org.jspecify.annotations.Nullable;

/**
 * The rows to read; all bounds are optional.
 *
 * @param after only rows after this position
 * @param overlap only rows that are at most this much older than {@code upTo}; empty for the default; null for all
 * @param upTo only rows up to and including this position
 */
record SqlRange(
        @Nullable SqlMark after,
        @Nullable String overlap,
        @Nullable SqlMark upTo) {

    static final SqlRange ALL = new SqlRange(null, null, null);
}
