/**
 * The commands of the launcher. It imports {@code node}, {@code node.reload} and
 * {@code ledger.delivery}.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.cli;
