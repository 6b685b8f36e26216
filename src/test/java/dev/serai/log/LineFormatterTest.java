package dev.serai.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LineFormatterTest {
    private static String line(Level level, String message, Throwable thrown) {
        LogRecord event = new LogRecord(level, message);
        event.setLoggerName("dev.serai.some.Thing");
        event.setThrown(thrown);
        return new LineFormatter().format(event);
    }

    @Test
    void aLineHasTimeLevelShortNameAndMessage() {
        assertThat(line(Level.WARNING, "1 of two failed", null))
                .matches("\\d\\d:\\d\\d:\\d\\d\\.\\d{3} WARN  Thing  1 of two failed\n");
        assertThat(line(Level.INFO, "fine", null)).contains(" INFO  Thing  fine");
        assertThat(line(Level.FINE, "fine", null)).contains(" DEBUG Thing  fine");
        assertThat(line(Level.FINEST, "fine", null)).contains(" TRACE Thing  fine");
    }

    @Test
    void textFromOutsideCannotForgeALineOrControlATerminal() {
        assertThat(line(Level.INFO, "a\r\nb\u001b[31m\u0085c\td é {0}", null))
                .endsWith("Thing  a\\r\\nb?[31m?c?d é {0}\n");
        assertThat(line(Level.INFO, "a\u2028b\u2029c\u202ed\u2066e\u009bf\ud83d\ude00g", null))
                .endsWith("Thing  a?b?c?d?e?f\ud83d\ude00g\n");
    }

    @Test
    void aFailureIsAddedAndOnlyAnErrorHasItsStackInTheSameLine() {
        IllegalStateException failure = new IllegalStateException("broken\nhere", new RuntimeException("cause"));

        assertThat(line(Level.WARNING, "warned", failure)).endsWith("WARN  Thing  warned broken\\nhere\n");
        assertThat(line(Level.WARNING, "nothing more", new IllegalStateException()))
                .endsWith("WARN  Thing  nothing more\n");
        assertThat(line(Level.SEVERE, "failed badly", failure))
                .contains(
                        "ERROR Thing  failed badly java.lang.IllegalStateException: broken | here | at dev.serai.log.")
                .hasLineCount(1);
    }

    @Test
    void librariesLogFromWarningsAndOneOfThemNothing() {
        Logging.setLevels();

        assertThat(Logger.getLogger("org.apache.camel.impl.Any").isLoggable(Level.INFO))
                .isFalse();
        assertThat(Logger.getLogger("org.apache.camel.impl.Any").isLoggable(Level.WARNING))
                .isTrue();
        assertThat(Logger.getLogger("org.apache.camel.impl.engine.AbstractCamelContext")
                        .isLoggable(Level.SEVERE))
                .isFalse();
        assertThat(Logger.getLogger("org.apache.camelot").isLoggable(Level.INFO))
                .isTrue();
    }

    @Test
    void allLogThroughTheJdk() {
        assertThat(LoggerFactory.getILoggerFactory().getClass().getName()).startsWith("org.slf4j.jul.");
    }
}
