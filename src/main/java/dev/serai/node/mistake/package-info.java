/** What is wrong in files of routes: all of it at once, each with its place, the reason and what would be right. */
@NullMarked
package dev.serai.node.mistake;

import org.jspecify.annotations.NullMarked;
