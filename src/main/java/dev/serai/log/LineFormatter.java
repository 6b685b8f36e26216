package dev.serai.log;

import dev.serai.text.SecretNames;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.stream.Collectors;

/**
 * Writes an event as time, level, logger, message. It is one line, since messages contain text from outside: line ends are
 * escaped and other control characters replaced. Only ERROR has a stack trace, since it is kept for faults of the program
 * itself.
 *
 * <p>Threads: safe.
 */
final class LineFormatter extends Formatter {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT);
    private static final int STACK_LINES_MAX = 30;

    @Override
    public String format(LogRecord event) {
        String logger = String.valueOf(event.getLoggerName());
        String message = formatMessage(event);
        StringBuilder line = new StringBuilder(message.length() + 64);
        TIME.formatTo(LocalTime.ofInstant(event.getInstant(), ZoneId.systemDefault()), line);
        line.append(' ').append(level(event.getLevel()));
        line.append(logger, logger.lastIndexOf('.') + 1, logger.length()).append("  ");
        appendClean(line, SecretNames.withoutUrlSecrets(message));
        Throwable thrown = event.getThrown();
        boolean isError = event.getLevel().intValue() >= Level.SEVERE.intValue();
        String more = thrown == null ? null : isError ? stack(thrown) : thrown.getMessage();
        if (more != null && !more.isEmpty()) {
            line.append(' ');
            appendClean(line, SecretNames.withoutUrlSecrets(more));
        }
        return line.append('\n').toString();
    }

    /** SLF4J's name of the level, and room for the longest. */
    private static String level(Level level) {
        int value = level.intValue();
        if (value >= Level.SEVERE.intValue()) {
            return "ERROR ";
        }
        if (value >= Level.WARNING.intValue()) {
            return "WARN  ";
        }
        if (value >= Level.INFO.intValue()) {
            return "INFO  ";
        }
        return value >= Level.FINE.intValue() ? "DEBUG " : "TRACE ";
    }

    private static void appendClean(StringBuilder line, String text) {
        text.codePoints().forEach(c -> {
            if (c == '\n') {
                line.append("\\n");
            } else if (c == '\r') {
                line.append("\\r");
            } else {
                line.appendCodePoint(isUnsafe(c) ? '?' : c);
            }
        });
    }

    /** Controls a terminal, ends a line or changes the direction of text. */
    private static boolean isUnsafe(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }

    private static String stack(Throwable thrown) {
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text, true));
        return text.toString().lines().limit(STACK_LINES_MAX).map(String::strip).collect(Collectors.joining(" | "));
    }
}
