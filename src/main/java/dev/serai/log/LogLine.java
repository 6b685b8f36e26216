package dev.serai.log;

import dev.serai.text.BodyMask;
import java.time.Instant;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;

/**
 * An event of the log, before it is written in a format.
 *
 * @param level SLF4J's name of it
 * @param logger the whole name
 * @param message masked
 * @param traceId the trace of the change that it is about, if that is known
 * @param mask for what was thrown
 */
record LogLine(
        Instant time,
        String level,
        String logger,
        String message,
        @Nullable Throwable thrown,
        LogNames names,
        @Nullable String traceId,
        BodyMask mask) {
    static final String ERROR = "ERROR";
    static final String WARN = "WARN";

    /** Of an event that the present thread has logged. */
    static LogLine of(LogRecord event, Formatter messages, BodyMask mask) {
        String message = mask.text(String.valueOf(messages.formatMessage(event)));
        return new LogLine(
                event.getInstant(),
                level(event.getLevel()),
                String.valueOf(event.getLoggerName()),
                message,
                event.getThrown(),
                LogNames.of(message),
                LogNames.traceId(),
                mask);
    }

    /** The line that stands for those that were left out because they are like this one. */
    LogLine more(long count, Instant now) {
        return new LogLine(
                now, level, logger, count + " more like it in the last minute: " + message, null, names, null, mask);
    }

    boolean isError() {
        return level.equals(ERROR);
    }

    private static String level(Level level) {
        int value = level.intValue();
        if (value >= Level.SEVERE.intValue()) {
            return ERROR;
        }
        if (value >= Level.WARNING.intValue()) {
            return WARN;
        }
        if (value >= Level.INFO.intValue()) {
            return "INFO";
        }
        return value >= Level.FINE.intValue() ? "DEBUG" : "TRACE";
    }
}
