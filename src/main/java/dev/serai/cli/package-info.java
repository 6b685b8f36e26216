/**
 * The commands of the launcher, and the client of the admin API. It imports {@code node}, {@code node.reload} and
 * {@code ledger.delivery}.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.cli;
