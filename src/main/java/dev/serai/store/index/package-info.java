/**
 * Finds changes by id and key, in sorted runs with Bloom filters. It imports {@code store.jdbc} and
 * {@code ledger.model}.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.store.index;
