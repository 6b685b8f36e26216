/** What the Camel components share: the threads of a target's deliveries, and the one limit for everything that a stop waits for. */
@NullMarked
package dev.serai.camel;

import org.jspecify.annotations.NullMarked;
