package dev.serai.text;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Lets a log line through at most once a minute for each thing that it is about, and counts the others.
 *
 * <p>Threads: safe.
 */
public final class LogPace {
    private static final long EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final int REMEMBERED_MAX = 1_000;

    /** @param since when it was told last, in nanoseconds; @param untold how often it happened since */
    private record Told(long since, long untold) {}

    private final Map<String, Told> told = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Told> eldest) {
            return size() > REMEMBERED_MAX;
        }
    };

    /** How often it happened since the last line; -1 if that was just now, so that no line is due. */
    public synchronized long untold(String what) {
        long now = System.nanoTime();
        Told last = told.get(what);
        boolean isDue = last == null || now - last.since() >= EVERY_NANOS;
        told.put(what, isDue || last == null ? new Told(now, 0) : new Told(last.since(), last.untold() + 1));
        return isDue ? (last == null ? 0 : last.untold()) : -1;
    }

    /** What a line says of those that were left out; empty if there are none. */
    public static String more(long untold) {
        return untold == 0 ? "" : " (and " + untold + " times more since the last line about it)";
    }
}
