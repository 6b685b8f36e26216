/**
 * A ledger in PostgreSQL: the server's settings, who owns a shard, and the segments of its log. It imports {@code store.jdbc}, and of the
 * driver only JDBC.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.store.postgres;
