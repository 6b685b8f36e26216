/** What makes a flow and feeds it while it is new: {@code new}, {@code send} and {@code doc}. Reads routes and Kamelets as they are written, without Camel, which takes a second to load. */
@NullMarked
package dev.serai.cli.flow;

import org.jspecify.annotations.NullMarked;
