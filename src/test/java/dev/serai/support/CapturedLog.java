package dev.serai.support;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Captures the log of one class or of all until it is closed. Each line has the level, the message and the exception. */
public final class CapturedLog implements AutoCloseable {
    private static final Map<Level, String> LEVELS = Map.of(
            Level.SEVERE,
            "ERROR",
            Level.WARNING,
            "WARN",
            Level.INFO,
            "INFO",
            Level.FINE,
            "DEBUG",
            Level.FINEST,
            "TRACE");
    private static final Map<String, Logger> SILENCED = new ConcurrentHashMap<>();

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Logger logger;
    private final @Nullable Level before;

    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord event) {
            Throwable thrown = event.getThrown();
            lines.add(LEVELS.get(event.getLevel()) + " " + event.getMessage() + (thrown == null ? "" : " " + thrown));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    public CapturedLog(Class<?> logging) {
        this(logging.getName());
        logger.setLevel(Level.FINE);
    }

    /** Captures all loggers at their configured levels. */
    public CapturedLog() {
        this("");
    }

    private CapturedLog(String name) {
        logger = Logger.getLogger(name);
        before = logger.getLevel();
        handler.setLevel(Level.ALL);
        logger.addHandler(handler);
    }

    /** Silences a logger and those below it, until {@link #asBefore}. */
    public static void silence(String name) {
        Logger silent = Logger.getLogger(name);
        SILENCED.put(name, silent);
        silent.setLevel(Level.OFF);
    }

    public static void asBefore(String name) {
        Logger silent = SILENCED.remove(name);
        if (silent != null) {
            silent.setLevel(null);
        }
    }

    public List<String> lines() {
        return lines;
    }

    @Override
    public void close() {
        logger.removeHandler(handler);
        logger.setLevel(before);
    }
}
