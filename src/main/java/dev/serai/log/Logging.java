package dev.serai.log;

import dev.serai.text.BodyMask;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Sets up the JDK's logging, to which SLF4J writes: others take a tenth of a node's start to read their configuration.
 *
 * <p>See: docs/decisions/014-class-data-sharing.md
 */
public final class Logging {
    private static final String OWN_LEVELS = "java.util.logging.config.file";

    /** Log steps in routes use the route's name and log from INFO, as Serai does; the libraries log from WARN. */
    private static final Map<String, Level> LEVELS = Map.ofEntries(
            Map.entry("org.apache.camel", Level.WARNING),
            // Warns of a failed start, which the program itself reports in one line.
            Map.entry("org.apache.camel.impl.engine.AbstractCamelContext", Level.OFF),
            // Warns of each failed batch, which KafkaSource reports in one line.
            Map.entry("org.apache.camel.component.kafka.consumer.support.batching", Level.SEVERE),
            Map.entry("org.apache.hc", Level.WARNING),
            Map.entry("org.apache.kafka", Level.WARNING),
            Map.entry("org.quartz", Level.WARNING),
            Map.entry("io.opentelemetry", Level.WARNING),
            // Warns of spans that cannot be sent, which ReportingExporter reports in one line.
            Map.entry("io.opentelemetry.exporter", Level.OFF),
            Map.entry("io.vertx", Level.WARNING),
            Map.entry("io.netty", Level.WARNING),
            Map.entry("com.zaxxer", Level.WARNING));

    /** The JDK forgets the level of a logger that nobody refers to. */
    private static final List<Logger> KEPT = new ArrayList<>();

    private static volatile @Nullable LogHandler handler;

    private Logging() {}

    /** To be called before anything logs. A file named by {@code java.util.logging.config.file} decides about the levels. */
    public static void start() {
        System.setProperty("java.util.logging.manager", LastingManager.class.getName());
        Logger root = Logger.getLogger("");
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        LogHandler made = new LogHandler(System.err);
        made.setLevel(Level.ALL);
        root.addHandler(made);
        handler = made;
        if (System.getProperty(OWN_LEVELS) == null) {
            setLevels();
        }
    }

    /** Writes lines of JSON from now on, or of text. */
    public static void setJson(boolean json) {
        LogHandler used = handler;
        if (used != null) {
            used.setFormat(json ? new JsonFormat() : new TextFormat());
        }
    }

    /** Hides these fields of bodies from now on. */
    public static void setMask(BodyMask mask) {
        LogHandler used = handler;
        if (used != null) {
            used.setMask(mask);
        }
    }

    /** Writes how many lines were left out because they are like earlier ones; to be called before the process ends. */
    public static void flush() {
        LogHandler used = handler;
        if (used != null) {
            used.flush();
        }
    }

    static void setLevels() {
        LEVELS.forEach((name, level) -> {
            Logger logger = Logger.getLogger(name);
            logger.setLevel(level);
            KEPT.add(logger);
        });
    }

    /** Keeps its handlers when the JVM stops, since the program logs while it stops. */
    public static final class LastingManager extends LogManager {
        @Override
        public void reset() {
            // nothing is taken away
        }
    }
}
