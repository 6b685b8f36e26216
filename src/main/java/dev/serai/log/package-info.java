/** Writes the log: SLF4J's loggers as single lines on standard error. */
@NullMarked
package dev.serai.log;

import org.jspecify.annotations.NullMarked;
