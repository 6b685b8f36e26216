package dev.serai.log;

import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.NOPMDCAdapter;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * What SLF4J finds as its implementation. Those that can be configured take a tenth of a node's start to read their configuration.
 *
 * <p>See: docs/decisions/014-class-data-sharing.md
 */
public final class LogProvider implements SLF4JServiceProvider {
    private final ILoggerFactory loggers = new LineLoggerFactory(System.err);
    private final IMarkerFactory markers = new BasicMarkerFactory();
    private final MDCAdapter context = new NOPMDCAdapter();

    @Override
    public ILoggerFactory getLoggerFactory() {
        return loggers;
    }

    @Override
    public IMarkerFactory getMarkerFactory() {
        return markers;
    }

    @Override
    public MDCAdapter getMDCAdapter() {
        return context;
    }

    @Override
    public @Nullable String getRequestedApiVersion() {
        return "2.0";
    }

    @Override
    public void initialize() {
        // nothing is left to do
    }
}
