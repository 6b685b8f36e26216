/**
 * The ledger's data types and storage interface: records, states, {@code Store} and {@code Transaction}. It imports
 * only the JDK.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.ledger.model;
