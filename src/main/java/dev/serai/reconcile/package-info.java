/**
 * Compares what a target has with what the ledger delivered to it, key by key, and repairs it through the ledger.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.reconcile;
