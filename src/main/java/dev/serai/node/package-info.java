/**
 * One process: settings, wiring, start and stop, and the check of route files. It ties all other packages together;
 * only the command line imports it.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.node;
