/** The spans of a change on its way through the node: its request, its accept, and each attempt to deliver it. */
@NullMarked
package dev.serai.camel.trace;

import org.jspecify.annotations.NullMarked;
