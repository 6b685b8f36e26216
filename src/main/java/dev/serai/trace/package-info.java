/** Traces as the rest of the program sees them: a span, the context of one, and who makes spans if anybody does. */
@NullMarked
package dev.serai.trace;

import org.jspecify.annotations.NullMarked;
