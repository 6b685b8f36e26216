package dev.serai.node.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.admin.TestLedger;
import dev.serai.ledger.model.Cursor;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
    private final TestLedger history = TestLedger.withSomeHistory();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ProgressLine progress = new ProgressLine(
            history.ledger,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            Clock.fixed(TestLedger.START.plusSeconds(60), ZoneOffset.UTC));

    @Test
    void aLineShowsTheProgressOfTheLedger() {
        progress.print();

        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualToIgnoringNewLines(
                        "2026-01-31 08:01:00 accepted 3 (+3) · delivered 2 · pending 2 · delivering 0 · retrying 1 · blocked 0 · dead 1 · oldest 50.0 s");
    }

    @Test
    void nothingIsPrintedWhileNothingChanges() {
        progress.print();
        out.reset();
        history.ledger.saveCursor(new Cursor("other", "1", TestLedger.START)).join();

        progress.print();

        assertThat(out.size()).isZero();
    }

    @Test
    void countsFromBeforeTheStartAreNotPrinted() {
        try (progress) {
            progress.start();
            progress.print();
        }

        assertThat(out.size()).isZero();
    }
}
