/** Tasks that run again and again, and what the log says when they fail. It imports the JDK alone. */
@NullMarked
package dev.serai.task;

import org.jspecify.annotations.NullMarked;
