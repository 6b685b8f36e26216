/**
 * Compares the bills of payment platforms with the ledger and a target, day by day.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.reconcile.bill;
