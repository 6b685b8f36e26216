package dev.serai.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.text.BodyMask;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class LineFoldTest {
    private static final Instant NOW = Instant.parse("2026-01-31T08:00:00Z");

    private final AtomicLong nanos = new AtomicLong(7);
    private final LineFold fold = new LineFold(nanos::get);

    private static LogLine warning(String message) {
        return new LogLine(
                NOW, LogLine.WARN, "dev.serai.some.Thing", message, null, LogNames.NONE, null, BodyMask.NONE);
    }

    private List<String> add(LogLine line) {
        return fold.add(line).stream().map(LogLine::message).toList();
    }

    private List<String> rest(boolean all) {
        return fold.rest(all, NOW).stream().map(LogLine::message).toList();
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    @Test
    void equalWarningsAreCountedAndToldWhenTheirMinuteIsOver() {
        assertThat(add(warning("it failed"))).containsExactly("it failed");
        for (int i = 0; i < 203; i++) {
            assertThat(add(warning("it failed"))).isEmpty();
        }
        assertThat(rest(false)).isEmpty();

        pass(LineFold.WINDOW);
        assertThat(rest(false)).containsExactly("203 more like it in the last minute: it failed");
        assertThat(rest(true)).isEmpty();
        assertThat(add(warning("it failed"))).containsExactly("it failed");
    }

    @Test
    void theNextOneTellsThemTooIfNobodyLooked() {
        add(warning("it failed"));
        add(warning("it failed"));
        pass(LineFold.WINDOW);

        assertThat(add(warning("it failed")))
                .containsExactly("1 more like it in the last minute: it failed", "it failed");
    }

    @Test
    void numbersMakeNoDifferenceButNamesDo() {
        add(warning("Dead letter: 17 for orders/erp in attempt 3: HTTP 422"));
        assertThat(add(warning("Dead letter: 1,018 for orders/erp in attempt 20: HTTP 422")))
                .isEmpty();
        assertThat(add(warning("Dead letter: 17 for orders/erp2 in attempt 3: HTTP 422")))
                .hasSize(1);

        add(warning("pull-1 failed at 10.0.0.1:80"));
        assertThat(add(warning("pull-2 failed at 10.0.0.1:80"))).hasSize(1);
        assertThat(add(warning("pull-1 failed at 10.0.0.1:81"))).hasSize(1);
    }

    @Test
    void stepsOfRoutesAreFoldedOnlyIfTheyAreTheSame() {
        LogNames route = new LogNames(null, null, "in");
        assertThat(fold.add(new LogLine(NOW, LogLine.WARN, "in", "order 17", null, route, null, BodyMask.NONE)))
                .hasSize(1);
        assertThat(fold.add(new LogLine(NOW, LogLine.WARN, "in", "order 18", null, route, null, BodyMask.NONE)))
                .hasSize(1);
        assertThat(fold.add(new LogLine(NOW, LogLine.WARN, "in", "order 18", null, route, null, BodyMask.NONE)))
                .isEmpty();
    }

    @Test
    void whatIsNoWarningAndWhatDiffersIsNotFolded() {
        LogLine info = new LogLine(NOW, "INFO", "dev.serai.some.Thing", "a", null, LogNames.NONE, null, BodyMask.NONE);
        assertThat(fold.add(info)).hasSize(1);
        assertThat(fold.add(info)).hasSize(1);

        add(warning("a"));
        assertThat(fold.add(new LogLine(
                        NOW, LogLine.ERROR, "dev.serai.some.Thing", "a", null, LogNames.NONE, null, BodyMask.NONE)))
                .hasSize(1);
        assertThat(fold.add(new LogLine(
                        NOW,
                        LogLine.WARN,
                        "dev.serai.some.Thing",
                        "a",
                        new RuntimeException("b"),
                        LogNames.NONE,
                        null,
                        BodyMask.NONE)))
                .hasSize(1);
    }

    @Test
    void theOldestIsForgottenAndToldWhenThereAreTooMany() {
        add(warning("first"));
        add(warning("first"));
        for (int i = 1; i < LineFold.REMEMBERED_MAX; i++) {
            assertThat(add(warning("other-" + i))).hasSize(1);
        }

        assertThat(add(warning("one too many")))
                .containsExactly("1 more like it in the last minute: first", "one too many");
    }

    @Test
    void theHandlerTellsWhatItLeftOutBeforeTheEnd() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        LogHandler handler = new LogHandler(new PrintStream(out, true, StandardCharsets.UTF_8));
        for (int i = 0; i < 3; i++) {
            LogRecord event = new LogRecord(Level.SEVERE, "it failed");
            event.setLoggerName("dev.serai.some.Thing");
            handler.publish(event);
        }
        handler.flush();

        assertThat(out.toString(StandardCharsets.UTF_8).lines().map(line -> line.substring(24)))
                .containsExactly("ERROR Thing  it failed", "ERROR Thing  2 more like it in the last minute: it failed");

        handler.setFormat(new JsonFormat());
        handler.publish(new LogRecord(Level.INFO, "now in JSON"));
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("\"message\":\"now in JSON\"}");
    }
}
