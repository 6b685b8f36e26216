package dev.serai.support;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;

/** Captures the log of one class or of all until it is closed. Each line has the level, the message and the exception. */
public final class CapturedLog extends AbstractAppender implements AutoCloseable {

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Logger logger;
    private final Level levelBefore;

    public CapturedLog(Class<?> logging) {
        super("captured-" + UUID.randomUUID(), null, null, false, Property.EMPTY_ARRAY);
        logger = (Logger) LogManager.getLogger(logging);
        levelBefore = logger.getLevel();
        start();
        logger.addAppender(this);
        logger.setAdditive(true); // or what it logs from now on would go nowhere else
        logger.setLevel(Level.DEBUG);
    }

    /** Captures all loggers at their configured levels. */
    public CapturedLog() {
        super("captured-" + UUID.randomUUID(), null, null, false, Property.EMPTY_ARRAY);
        logger = (Logger) LogManager.getRootLogger();
        levelBefore = logger.getLevel();
        start();
        logger.addAppender(this);
    }

    public List<String> lines() {
        return lines;
    }

    @Override
    public void append(LogEvent event) {
        lines.add(event.getLevel() + " " + event.getMessage().getFormattedMessage()
                + (event.getThrown() == null ? "" : " " + event.getThrown()));
    }

    @Override
    public void close() {
        logger.removeAppender(this);
        logger.setLevel(levelBefore);
        stop();
    }
}
