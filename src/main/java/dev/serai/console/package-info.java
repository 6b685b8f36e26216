/** The admin API, health and metrics of a running node. */
@org.jspecify.annotations.NullMarked
package dev.serai.console;
