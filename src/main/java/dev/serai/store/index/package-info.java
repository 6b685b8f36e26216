/**
 * Finds changes by id and key, in sorted runs behind Bloom filters. It imports {@code store.jdbc} and the ledger's
 * model.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.store.index;
