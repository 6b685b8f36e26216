/** The program: launcher commands and the node that ties store, ledger and Camel together. */
@org.jspecify.annotations.NullMarked
package dev.serai;
