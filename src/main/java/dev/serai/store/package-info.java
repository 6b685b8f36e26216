/**
 * Stores the ledger in SQLite. It imports its subpackages, {@code ledger.model} and JDBC; no other code accesses the
 * ledger's database.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.store;
