/**
 * Keys that a change holds back: which they are, in bounded memory and in the store, and their release. It knows nothing of
 * the dispatcher.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.ledger.stuck;
