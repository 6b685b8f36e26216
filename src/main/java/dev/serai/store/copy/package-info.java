/** Copies a ledger from SQLite to PostgreSQL and back, table by table, and compares both. */
@NullMarked
package dev.serai.store.copy;

import org.jspecify.annotations.NullMarked;
