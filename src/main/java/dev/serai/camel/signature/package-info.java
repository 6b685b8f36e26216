/**
 * The component {@code signature:}, which verifies or signs a message. It imports {@code camel.http} and
 * {@code signature}.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.camel.signature;
