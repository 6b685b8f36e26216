/**
 * What two systems have to agree on: the state of a record, its canonical form and its digest.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.reconcile.state;
