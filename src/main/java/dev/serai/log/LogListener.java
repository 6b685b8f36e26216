package dev.serai.log;

import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/** Sees each event that is logged, after it was written. */
@FunctionalInterface
public interface LogListener {
    void logged(String logger, Level level, String message, @Nullable Throwable thrown);
}
