/** The admin port: API, health, metrics and the progress line. It imports the ledger and {@code http}. */
@org.jspecify.annotations.NullMarked
package dev.serai.admin;
