/**
 * Finds out why a signature was refused, for the log. It imports {@code signature} and {@code text}.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.signature.refusal;
