package dev.serai.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.serai.text.BodyMask;
import java.time.Instant;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** The lines of the log, in both formats. */
class LineFormatTest {
    private static LogLine event(Level level, String message, Throwable thrown) {
        LogRecord event = new LogRecord(level, message);
        event.setLoggerName("dev.serai.some.Thing");
        event.setThrown(thrown);
        event.setInstant(Instant.parse("2026-01-31T08:00:00.123456Z"));
        return LogLine.of(event, new SimpleFormatter(), BodyMask.NONE);
    }

    private static String line(Level level, String message, Throwable thrown) {
        return new TextFormat().of(event(level, message, thrown));
    }

    private static JsonNode json(LogLine line) throws Exception {
        String text = new JsonFormat().of(line);
        assertThat(text).endsWith("}\n").hasLineCount(1);
        return new JsonMapper().readTree(text);
    }

    @Test
    void aLineHasDateTimeLevelShortNameAndMessage() {
        assertThat(line(Level.WARNING, "1 of two failed", null))
                .matches("2026-0[12]-\\d\\d \\d\\d:\\d\\d:00\\.123 WARN  Thing  1 of two failed\n");
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
    void jsonHasTheWholeNameTheTimeInUtcAndWhatWasThrown() throws Exception {
        JsonNode warned = json(event(Level.WARNING, "say \"no\" \\ ", new IllegalStateException("broken")));
        assertThat(warned.properties().stream().map(Map.Entry::getKey).toList())
                .containsExactly("time", "level", "logger", "message", "thrown");
        assertThat(warned.path("time").asText()).isEqualTo("2026-01-31T08:00:00.123Z");
        assertThat(warned.path("level").asText()).isEqualTo("WARN");
        assertThat(warned.path("logger").asText()).isEqualTo("dev.serai.some.Thing");
        assertThat(warned.path("message").asText()).isEqualTo("say \"no\" \\ ");
        assertThat(warned.path("thrown").asText()).isEqualTo("broken");

        JsonNode failed = json(event(Level.SEVERE, "failed", new IllegalStateException("broken\n\u202e")));
        assertThat(failed.path("thrown").asText())
                .startsWith("java.lang.IllegalStateException: broken | ? | at dev.serai.log.");
    }

    @Test
    void jsonIsCleanedAndMaskedAsText() throws Exception {
        String hostile = "a\r\nb\u001b[31m\u0085c\td \u2028\u202e\u2066\ud800 https://x/?token=s3cret";

        assertThat(json(event(Level.INFO, hostile, null)).path("message").asText())
                .isEqualTo("a\\r\\nb?[31m?c?d ???? https://x/?token=***");
        assertThat(line(Level.INFO, hostile, null)).endsWith("a\\r\\nb?[31m?c?d ???? https://x/?token=***\n");
    }

    @Test
    void aLineOfADeliveryNamesItsFlowAndTarget() throws Exception {
        LogNames.beginDelivery("orders/erp");
        LogLine line = event(Level.INFO, "sent", null);
        LogNames.endDelivery();

        assertThat(json(line).path("flow").asText()).isEqualTo("orders");
        assertThat(json(line).path("target").asText()).isEqualTo("erp");
        assertThat(new TextFormat().of(line)).endsWith("INFO  Thing  [orders/erp] sent\n");
        assertThat(json(event(Level.INFO, "sent", null)).has("flow")).isFalse();
    }

    @Test
    void aMessageThatNamesATargetIsAboutIt() throws Exception {
        LogNames.know("stock/erp.v2");
        LogNames.know("stock/shop");
        LogLine line = event(Level.WARNING, "Dead letter: 17 for stock/erp.v2: no", null);

        assertThat(json(line).path("flow").asText()).isEqualTo("stock");
        assertThat(json(line).path("target").asText()).isEqualTo("erp.v2");
        assertThat(new TextFormat().of(line)).endsWith("Thing  Dead letter: 17 for stock/erp.v2: no\n");
        assertThat(json(event(Level.INFO, "2 targets: stock/shop, stock/erp.v2", null))
                        .has("flow"))
                .isFalse();
        assertThat(json(event(Level.INFO, "read http://a/stock/erp.v2x and 1/2", null))
                        .has("flow"))
                .isFalse();
    }

    @Test
    void aStepOfARouteLogsUnderTheRoutesId() throws Exception {
        LogNames.beginStep("orders.to-erp", "orders", "erp");
        LogLine line = event(Level.INFO, "sent", null);
        LogNames.endStep();

        assertThat(json(line).path("route").asText()).isEqualTo("orders.to-erp");
        assertThat(new TextFormat().of(line)).endsWith("INFO  orders.to-erp  [orders/erp] sent\n");
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
