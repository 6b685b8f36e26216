package dev.serai.log;

import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.event.EventConstants;
import org.slf4j.event.Level;

/**
 * All loggers of the process and the level from which each of them logs.
 *
 * <p>Threads: safe.
 */
public final class LineLoggerFactory implements ILoggerFactory {
    /** Above all levels. */
    public static final int OFF = EventConstants.ERROR_INT + 1;

    /** Log steps in routes use the route's name and log from here, as Serai does. */
    private static final int DEFAULT = EventConstants.INFO_INT;

    private static final Map<String, Integer> LEVELS = Map.of(
            "org.apache.camel",
            EventConstants.WARN_INT,
            // Warns of a failed start, which the program itself reports in one line.
            "org.apache.camel.impl.engine.AbstractCamelContext",
            OFF,
            // Warns of each failed batch, which KafkaSource reports in one line.
            "org.apache.camel.component.kafka.consumer.support.batching",
            EventConstants.ERROR_INT,
            "org.apache.hc",
            EventConstants.WARN_INT,
            "org.apache.kafka",
            EventConstants.WARN_INT,
            "org.quartz",
            EventConstants.WARN_INT,
            "io.vertx",
            EventConstants.WARN_INT,
            "io.netty",
            EventConstants.WARN_INT,
            "com.zaxxer",
            EventConstants.WARN_INT);

    private final PrintStream out;
    private final Map<String, Integer> levels = new ConcurrentHashMap<>(LEVELS);
    private final Map<String, LineLogger> loggers = new ConcurrentHashMap<>();
    private final List<LogListener> listeners = new CopyOnWriteArrayList<>();

    LineLoggerFactory(PrintStream out) {
        this.out = out;
    }

    @Override
    public LineLogger getLogger(String name) {
        LineLogger known = loggers.get(name);
        return known != null ? known : loggers.computeIfAbsent(name, key -> new LineLogger(key, level(key), this));
    }

    /** Changes the level of a logger and of those below it; null: as it was at the start. */
    public void setLevel(String name, @Nullable Integer level) {
        Integer next = level != null ? level : LEVELS.get(name);
        if (next == null) {
            levels.remove(name);
        } else {
            levels.put(name, next);
        }
        loggers.forEach((key, logger) -> logger.setLevel(level(key)));
    }

    public void addListener(LogListener listener) {
        listeners.add(listener);
    }

    public void removeListener(LogListener listener) {
        listeners.remove(listener);
    }

    void write(String logger, Level level, String message, @Nullable Throwable thrown) {
        out.println(LogLine.of(logger, level, message, thrown));
        for (LogListener listener : listeners) {
            listener.logged(logger, level, message, thrown);
        }
    }

    /** That of the longest name which is the logger's own or one above it. */
    private int level(String name) {
        String above = name;
        while (true) {
            Integer level = levels.get(above);
            int dot = above.lastIndexOf('.');
            if (level != null || dot < 0) {
                return level == null ? DEFAULT : level;
            }
            above = above.substring(0, dot);
        }
    }
}
