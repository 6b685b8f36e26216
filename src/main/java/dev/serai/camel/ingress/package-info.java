/** The component {@code ingress:}, which passes HTTP requests to routes. It imports {@code camel.http}. */
@org.jspecify.annotations.NullMarked
package dev.serai.camel.ingress;
