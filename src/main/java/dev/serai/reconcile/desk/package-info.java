/**
 * Answers about reconciliations and bills at any node that shares a ledger: those of the node that keeps the books.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.reconcile.desk;
