/**
 * The signature schemes of no platform: an HMAC as its sender writes it, a secret that is sent along, none. It imports
 * {@code signature} and {@code text}.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.signature.generic;
