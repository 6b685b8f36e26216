/** What values of properties and parameters may call: {@code {{file:…}}} and {@code {{millis:…}}}. */
@org.jspecify.annotations.NullMarked
package dev.serai.node.property;
