/** The commands that run routes without ledger and network: {@code try} and {@code test}. */
@org.jspecify.annotations.NullMarked
package dev.serai.cli.trial;
