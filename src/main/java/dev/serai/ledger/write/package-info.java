/** The one thread that writes, and what it is given to write. It imports the model. */
@org.jspecify.annotations.NullMarked
package dev.serai.ledger.write;
