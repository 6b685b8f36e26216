package dev.serai.log;

import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.EventConstants;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/**
 * One logger.
 *
 * <p>Threads: safe.
 */
final class LineLogger extends LegacyAbstractLogger {
    private static final long serialVersionUID = 1;

    private final transient LineLoggerFactory log;
    private volatile int level;

    LineLogger(String name, int level, LineLoggerFactory log) {
        this.name = name;
        this.level = level;
        this.log = log;
    }

    void setLevel(int level) {
        this.level = level;
    }

    @Override
    public boolean isTraceEnabled() {
        return level <= EventConstants.TRACE_INT;
    }

    @Override
    public boolean isDebugEnabled() {
        return level <= EventConstants.DEBUG_INT;
    }

    @Override
    public boolean isInfoEnabled() {
        return level <= EventConstants.INFO_INT;
    }

    @Override
    public boolean isWarnEnabled() {
        return level <= EventConstants.WARN_INT;
    }

    @Override
    public boolean isErrorEnabled() {
        return level <= EventConstants.ERROR_INT;
    }

    @Override
    protected @Nullable String getFullyQualifiedCallerName() {
        return null;
    }

    @Override
    protected void handleNormalizedLoggingCall(
            Level at,
            @Nullable Marker marker,
            @Nullable String pattern,
            Object @Nullable [] arguments,
            @Nullable Throwable thrown) {
        String message = arguments == null ? pattern : MessageFormatter.basicArrayFormat(pattern, arguments);
        log.write(name, at, String.valueOf(message), thrown);
    }
}
