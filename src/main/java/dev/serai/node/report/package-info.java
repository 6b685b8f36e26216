/** What a running node tells in the log by itself: at its start, once a minute while something needs an operator, and at its end. */
@NullMarked
package dev.serai.node.report;

import org.jspecify.annotations.NullMarked;
