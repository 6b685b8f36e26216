/**
 * Reads the ledger's log, and notes for each key what the target took last, or what was accepted last.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.reconcile.follow;
