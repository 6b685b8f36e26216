/** Silence of sources that are pushed to: what is kept of their rhythm, and pulls that run more often meanwhile. */
@org.jspecify.annotations.NullMarked
package dev.serai.node.silence;
