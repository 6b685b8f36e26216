/**
 * Proves where a request comes from, over its raw bytes: the interfaces, keys and general schemes. It imports
 * Jackson and the JDK's cryptography.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.signature;
