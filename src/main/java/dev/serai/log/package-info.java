/** Sets up the log: what goes through SLF4J to the JDK's logging becomes single lines on standard error. */
@NullMarked
package dev.serai.log;

import org.jspecify.annotations.NullMarked;
