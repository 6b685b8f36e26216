/**
 * The signature schemes and request signing of single platforms, one or two classes each. It imports
 * {@code signature}.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.signature.platform;
