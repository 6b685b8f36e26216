package dev.serai.support;

import dev.serai.log.LineLoggerFactory;
import dev.serai.log.LogListener;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.event.EventConstants;

/** Captures the log of one class or of all until it is closed. Each line has the level, the message and the exception. */
public final class CapturedLog implements AutoCloseable {

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final @Nullable String only;
    private final LogListener listener;

    public CapturedLog(Class<?> logging) {
        this(logging.getName());
        loggers().setLevel(logging.getName(), EventConstants.DEBUG_INT);
    }

    /** Captures all loggers at their configured levels. */
    public CapturedLog() {
        this((String) null);
    }

    private CapturedLog(@Nullable String only) {
        this.only = only;
        this.listener = (logger, level, message, thrown) -> {
            if (only == null || only.equals(logger)) {
                lines.add(level + " " + message + (thrown == null ? "" : " " + thrown));
            }
        };
        loggers().addListener(listener);
    }

    /** Silences a logger and those below it, until {@link #asBefore}. */
    public static void silence(String logger) {
        loggers().setLevel(logger, LineLoggerFactory.OFF);
    }

    public static void asBefore(String logger) {
        loggers().setLevel(logger, null);
    }

    public List<String> lines() {
        return lines;
    }

    private static LineLoggerFactory loggers() {
        return (LineLoggerFactory) LoggerFactory.getILoggerFactory();
    }

    @Override
    public void close() {
        loggers().removeListener(listener);
        if (only != null) {
            loggers().setLevel(only, null);
        }
    }
}
