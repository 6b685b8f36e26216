/** Tries what the routes use outside this process. */
@NullMarked
package dev.serai.node.live;

import org.jspecify.annotations.NullMarked;
