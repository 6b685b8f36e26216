/** Webhook signature schemes over raw bytes, in pure JDK cryptography. */
@org.jspecify.annotations.NullMarked
package dev.serai.signature;
