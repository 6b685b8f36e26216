/**
 * The signature schemes of platforms that check an address before they send to it. It imports {@code signature},
 * {@code signature.generic} and {@code text}.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.signature.handshake;
