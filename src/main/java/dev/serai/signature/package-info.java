/**
 * Verifies and signs requests over their raw bytes: the interfaces, the keys and the general schemes. It imports
 * Jackson and the JDK's cryptography.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.signature;
