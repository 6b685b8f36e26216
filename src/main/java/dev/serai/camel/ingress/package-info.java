/** The component {@code ingress:}, which takes requests into routes. It imports {@code camel.http}. */
@org.jspecify.annotations.NullMarked
package dev.serai.camel.ingress;
