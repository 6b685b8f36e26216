/**
 * Reads targets back: page by page, by key, or from a SQL table.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.reconcile.readback;
