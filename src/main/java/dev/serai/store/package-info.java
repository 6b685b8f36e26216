/** The ledger's storage over JDBC; the only place that knows SQL. */
@org.jspecify.annotations.NullMarked
package dev.serai.store;
