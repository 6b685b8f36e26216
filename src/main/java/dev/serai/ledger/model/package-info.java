/**
 * The words of the ledger and the port to its storage: records, states, {@code Store} and {@code Transaction}. They
 * import nothing but Java.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.ledger.model;
