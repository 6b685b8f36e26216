/** What can be said of routes before they run: where they lead, what they promise, and which of them are refused. */
@NullMarked
package dev.serai.node.route;

import org.jspecify.annotations.NullMarked;
