package dev.serai.log;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/**
 * Lets the first of several equal warnings or errors through, and counts the others of its minute.
 *
 * <p>Those of Serai and Camel count as equal if they differ in numbers only, such as sequences and attempts; numbers in names
 * and addresses count. Those of a route's own steps have to be the same.
 *
 * <p>Threads: safe.
 */
final class LineFold {
    /** Less than a minute, so that what is logged once a minute is not folded. */
    static final Duration WINDOW = Duration.ofSeconds(58);

    static final int REMEMBERED_MAX = 1_000;
    private static final List<String> OURS = List.of("dev.serai.", "org.apache.", "io.opentelemetry.");
    private static final Pattern NUMBER = Pattern.compile("(?<![^\\s\\[(])\\d[\\d,]*(?![^\\s\\]),:;.])");

    private final LongSupplier nanos;
    /** In the order in which their minutes began. */
    private final Map<String, Folded> folded = new LinkedHashMap<>();

    private record Folded(LogLine first, long since, long more) {
        List<LogLine> rest(LogLine now) {
            return more == 0 ? List.of() : List.of(first.more(more, now.time()));
        }
    }

    /** @param nanos a monotonic clock */
    LineFold(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** What is to be written now that this line has come; nothing if it is only counted. */
    synchronized List<LogLine> add(LogLine line) {
        if (!line.level().equals(LogLine.WARN) && !line.isError()) {
            return List.of(line);
        }
        String key = key(line);
        long now = nanos.getAsLong();
        Folded known = folded.get(key);
        if (known != null && now - known.since < WINDOW.toNanos()) {
            folded.put(key, new Folded(known.first, known.since, known.more + 1));
            return List.of();
        }
        List<LogLine> lines = new ArrayList<>();
        if (known != null) {
            folded.remove(key);
            lines.addAll(known.rest(line));
        } else if (folded.size() == REMEMBERED_MAX) {
            Iterator<Folded> eldest = folded.values().iterator();
            lines.addAll(eldest.next().rest(line));
            eldest.remove();
        }
        folded.put(key, new Folded(line, now, 0));
        lines.add(line);
        return lines;
    }

    /** A line for each that was counted and whose minute is over, or for all that were counted. */
    synchronized List<LogLine> rest(boolean all, Instant time) {
        long now = nanos.getAsLong();
        List<LogLine> lines = new ArrayList<>();
        Iterator<Folded> each = folded.values().iterator();
        while (each.hasNext()) {
            Folded one = each.next();
            if (!all && now - one.since < WINDOW.toNanos()) {
                break;
            }
            each.remove();
            if (one.more > 0) {
                lines.add(one.first.more(one.more, time));
            }
        }
        return lines;
    }

    private static String key(LogLine line) {
        String thrown = String.valueOf(line.thrown());
        boolean isOurs = line.names().route() == null && OURS.stream().anyMatch(line.logger()::startsWith);
        String text = line.message() + '\n' + thrown;
        return line.level()
                + '\n'
                + line.logger()
                + '\n'
                + line.names()
                + '\n'
                + (isOurs ? NUMBER.matcher(text).replaceAll("#") : text);
    }
}
