/**
 * The commands of the launcher, and the client of the admin API. They start a node through {@code node}, and import
 * nothing below it.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.cli;
