package dev.serai.support;

import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/** One line for a record; of what was thrown, with its causes, where each begins. Whole traces are nine tenths of the log of the tests. */
public final class TestLogFormat extends Formatter {
    private static final int FRAMES = 5;

    @Override
    public String format(LogRecord log) {
        StringBuilder text = new StringBuilder(160)
                .append(LocalTime.ofInstant(Instant.ofEpochMilli(log.getMillis()), ZoneId.systemDefault()))
                .append(' ')
                .append(log.getLevel().getName())
                .append(' ')
                .append(log.getLoggerName())
                .append(' ')
                .append(formatMessage(log))
                .append('\n');
        for (Throwable one = log.getThrown(); one != null; one = one.getCause()) {
            text.append("  ").append(one).append('\n');
            StackTraceElement[] frames = one.getStackTrace();
            for (int i = 0; i < Math.min(FRAMES, frames.length); i++) {
                text.append("    at ").append(frames[i]).append('\n');
            }
        }
        return text.toString();
    }
}
