package dev.serai.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.EventConstants;

class LineLoggerTest {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final LineLoggerFactory loggers =
            new LineLoggerFactory(new PrintStream(written, true, StandardCharsets.UTF_8));
    private final Logger log = loggers.getLogger("dev.serai.some.Thing");

    @Test
    void aLineHasTimeLevelShortNameAndMessage() {
        log.warn("{} of {} failed", 1, "two");
        log.info("fine");
        assertThat(written()).matches("""
                \\d\\d:\\d\\d:\\d\\d\\.\\d{3} WARN  Thing  1 of two failed
                \\d\\d:\\d\\d:\\d\\d\\.\\d{3} INFO  Thing  fine
                """);
    }

    @Test
    void textFromOutsideCannotForgeALineOrControlATerminal() {
        log.info("a\r\nb\u001b[31m\u0085c\td é");
        assertThat(written()).endsWith("Thing  a\\r\\nb?[31m?c?d é\n").hasLineCount(1);
    }

    @Test
    void aFailureIsAddedAndOnlyAnErrorHasItsStackInTheSameLine() {
        IllegalStateException failure = new IllegalStateException("broken\nhere", new RuntimeException("cause"));
        log.warn("warned", failure);
        log.warn("nothing more", new IllegalStateException());
        log.error("failed {}", "badly", failure);
        String[] lines = written().split("\n");
        assertThat(lines).hasSize(3);
        assertThat(lines[0]).endsWith("WARN  Thing  warned broken\\nhere");
        assertThat(lines[1]).endsWith("WARN  Thing  nothing more");
        assertThat(lines[2])
                .contains(
                        "ERROR Thing  failed badly java.lang.IllegalStateException: broken | here | at dev.serai.log.");
    }

    @Test
    void librariesLogFromWarningsAndOneOfThemNothing() {
        loggers.getLogger("org.apache.camel.impl.Any").info("not shown");
        loggers.getLogger("org.apache.camel.impl.engine.AbstractCamelContext").error("not shown");
        loggers.getLogger("org.apache.camelot").info("shown");
        log.debug("not shown");
        assertThat(written()).hasLineCount(1).contains("camelot  shown");
    }

    @Test
    void aLevelHoldsForWhatIsBelowUntilItIsTakenBack() {
        loggers.setLevel("dev.serai.some", EventConstants.DEBUG_INT);
        log.debug("one");
        loggers.setLevel("dev.serai.some", null);
        log.debug("two");
        assertThat(written()).hasLineCount(1).contains("DEBUG Thing  one");
    }

    @Test
    void allLogThroughIt() {
        assertThat(LoggerFactory.getILoggerFactory()).isInstanceOf(LineLoggerFactory.class);
    }

    private String written() {
        return written.toString(StandardCharsets.UTF_8);
    }
}
