package dev.serai.log;

import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes an event for people: date and time, level, logger or route, target if the message does not name it, message. */
final class TextFormat extends LineFormat {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS", Locale.ROOT);
    private static final int LEVEL_WIDTH = 6;

    @Override
    String of(LogLine line) {
        StringBuilder text = new StringBuilder(line.message().length() + 80);
        TIME.formatTo(LocalDateTime.ofInstant(line.time(), ZoneId.systemDefault()), text);
        text.append(' ')
                .append(line.level())
                .append(" ".repeat(LEVEL_WIDTH - line.level().length()));
        text.append(clean(name(line))).append("  ");
        LogNames names = line.names();
        if (names.target() != null) {
            String target = names.flow() + "/" + names.target();
            if (!line.message().contains(target)) {
                text.append('[').append(clean(target)).append("] ");
            }
        }
        text.append(clean(line.message()));
        @Nullable String thrown = thrown(line);
        if (thrown != null) {
            text.append(' ').append(thrown);
        }
        return text.append('\n').toString();
    }

    /** The route's id whole, which may have dots; of a class the last part. */
    private static String name(LogLine line) {
        String route = line.names().route();
        String logger = line.logger();
        return route != null ? route : logger.substring(logger.lastIndexOf('.') + 1);
    }
}
