/**
 * What a reconcile file says of the flow's source: how it is read, and which change a record of it makes.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.reconcile.source;
