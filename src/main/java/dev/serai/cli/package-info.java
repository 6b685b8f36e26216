/**
 * The commands of the launcher, and the client of the admin API. They start a node through {@code node}; of what is
 * below it they import only the check of a rate, from {@code ledger.delivery}.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.cli;
