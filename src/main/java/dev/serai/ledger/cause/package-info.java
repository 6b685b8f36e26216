/** What failures have in common: their status and error text without the parts that differ from one change to the next. */
@org.jspecify.annotations.NullMarked
package dev.serai.ledger.cause;
