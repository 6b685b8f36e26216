/** The admin port: API, health, metrics and the progress line. It imports the ledger and no component. */
@org.jspecify.annotations.NullMarked
package dev.serai.admin;
