/**
 * A database connection with its named statements, and the mapping between rows and the ledger's types; and the rights on a
 * database's files. It imports {@code ledger.model}.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.store.jdbc;
