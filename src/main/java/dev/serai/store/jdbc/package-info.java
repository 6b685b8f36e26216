/**
 * A database connection with its named statements, and how the ledger's words are written in columns. It imports
 * the ledger's model.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.store.jdbc;
