package dev.serai.log;

import dev.serai.text.SecretNames;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Writes an event as one line. Messages contain text from outside: line ends are escaped, other control characters and those
 * that change the direction of text replaced, and secrets in addresses masked.
 *
 * <p>Threads: safe.
 */
abstract class LineFormat {
    private static final int STACK_LINES_MAX = 30;

    /** The line with its end. */
    abstract String of(LogLine line);

    static String clean(String text) {
        String shown = SecretNames.withoutUrlSecrets(text);
        StringBuilder clean = new StringBuilder(shown.length() + 16);
        shown.codePoints().forEach(c -> {
            if (c == '\n') {
                clean.append("\\n");
            } else if (c == '\r') {
                clean.append("\\r");
            } else {
                clean.appendCodePoint(isUnsafe(c) ? '?' : c);
            }
        });
        return clean.toString();
    }

    /** What was thrown, cleaned. Only ERROR has a stack trace, since it is kept for faults of the program itself. */
    static @Nullable String thrown(LogLine line) {
        Throwable thrown = line.thrown();
        String text = thrown == null ? null : line.isError() ? stack(thrown) : thrown.getMessage();
        return text == null || text.isEmpty() ? null : clean(line.mask().text(text));
    }

    /** Controls a terminal, ends a line or changes the direction of text. */
    private static boolean isUnsafe(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> true;
            default -> false;
        };
    }

    private static String stack(Throwable thrown) {
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text, true));
        return text.toString().lines().limit(STACK_LINES_MAX).map(String::strip).collect(Collectors.joining(" | "));
    }
}
