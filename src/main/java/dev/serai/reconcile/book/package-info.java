/**
 * What each target has to have: a digest of the last delivered state of each key, in a file beside the ledger.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.reconcile.book;
