package dev.serai.log;

import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * Writes an event as a JSON object in one line: time (RFC 3339, UTC), level, logger, message, and if there are any thrown,
 * flow, target, route and traceId.
 */
final class JsonFormat extends LineFormat {
    @Override
    String of(LogLine line) {
        StringBuilder json = new StringBuilder(line.message().length() + 160);
        json.append('{');
        append(json, "time", DateTimeFormatter.ISO_INSTANT.format(line.time().truncatedTo(ChronoUnit.MILLIS)));
        append(json, "level", line.level());
        append(json, "logger", line.logger());
        append(json, "message", line.message());
        append(json, "thrown", thrown(line));
        append(json, "flow", line.names().flow());
        append(json, "target", line.names().target());
        append(json, "route", line.names().route());
        append(json, "traceId", line.traceId());
        return json.append("}\n").toString();
    }

    private static void append(StringBuilder json, String name, @Nullable String value) {
        if (value == null) {
            return;
        }
        json.append(json.length() == 1 ? "" : ",").append('"').append(name).append("\":\"");
        String clean = name.equals("thrown") ? value : clean(value);
        for (int i = 0; i < clean.length(); i++) {
            char c = clean.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\');
            }
            json.append(c);
        }
        json.append('"');
    }
}
