package dev.serai.log;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.LocalTime;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * The text of an event: time, level, logger, message. It is one line, since messages contain text from outside: line ends are escaped and other
 * control characters replaced. Only ERROR has a stack trace, since it is kept for faults of the program itself.
 */
final class LogLine {
    private static final int STACK_LINES_MAX = 30;

    private LogLine() {}

    static String of(String logger, Level level, String message, @Nullable Throwable thrown) {
        StringBuilder line = new StringBuilder(message.length() + 64);
        appendTime(line, LocalTime.now());
        line.append(' ').append(level);
        line.append(" ".repeat(6 - level.toString().length()));
        line.append(logger, logger.lastIndexOf('.') + 1, logger.length()).append("  ");
        appendClean(line, message);
        String more = thrown == null ? null : level == Level.ERROR ? stack(thrown) : thrown.getMessage();
        if (more != null && !more.isEmpty()) {
            line.append(' ');
            appendClean(line, more);
        }
        return line.toString();
    }

    private static void appendTime(StringBuilder line, LocalTime now) {
        appendNumber(line, now.getHour(), 2).append(':');
        appendNumber(line, now.getMinute(), 2).append(':');
        appendNumber(line, now.getSecond(), 2).append('.');
        appendNumber(line, now.getNano() / 1_000_000, 3);
    }

    private static StringBuilder appendNumber(StringBuilder line, int number, int digits) {
        String text = Integer.toString(number);
        return line.append("0".repeat(digits - text.length())).append(text);
    }

    private static void appendClean(StringBuilder line, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\n') {
                line.append("\\n");
            } else if (c == '\r') {
                line.append("\\r");
            } else {
                line.append(Character.isISOControl(c) ? '?' : c);
            }
        }
    }

    private static String stack(Throwable thrown) {
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text, true));
        return text.toString().lines().limit(STACK_LINES_MAX).map(String::strip).collect(Collectors.joining(" | "));
    }
}
