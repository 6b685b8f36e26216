/** A ledger in one SQLite file: how it is locked, made, checked, copied and kept in shape. It imports {@code store.jdbc}. */
@org.jspecify.annotations.NullMarked
package dev.serai.store.sqlite;
