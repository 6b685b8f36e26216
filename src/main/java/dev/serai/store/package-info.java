/**
 * The ledger's storage in SQLite; the only place, with its subpackages, that knows SQL. It imports the ledger's
 * model.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.store;
