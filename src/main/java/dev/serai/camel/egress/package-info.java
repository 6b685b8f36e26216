/**
 * Which internal addresses may be connected to, when an address came from data and not from a route or property.
 */
@NullMarked
package dev.serai.camel.egress;

import org.jspecify.annotations.NullMarked;
