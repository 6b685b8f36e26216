package dev.serai.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.camel.LeanCamelContext;
import dev.serai.reconcile.book.Book;
import dev.serai.reconcile.book.BookPlace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunScheduleTest {
    private static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");
    private static final int FILES = 50;

    @TempDir
    Path folder;

    private ReconcileFile file(CamelContext camel, String name) throws Exception {
        Path file = Files.writeString(folder.resolve(name + ".reconcile.yaml"), """
                flow: orders
                target: shop
                key: .id
                every: 600s
                page: { url: "http://shop.example/orders?page={page}", records: .orders }
                """);
        return ReconcileFileReader.read(file, camel, true);
    }

    /** Seconds from the last run until the next one is due. */
    private static long dueAfterSeconds(ReconcileFile file, Book book) {
        for (long seconds = 0; ; seconds++) {
            Clock clock = Clock.fixed(NOON.plusSeconds(seconds), ZoneOffset.UTC);
            if (new RunSchedule(file, book.times(), clock).due(false) != null) {
                return seconds;
            }
        }
    }

    @Test
    void filesThatBeganTogetherDoNotRunTogetherAgain() throws Exception {
        Set<Long> times = new TreeSet<>();
        try (CamelContext camel = new LeanCamelContext(true);
                Book book = new Book(new BookPlace(folder.resolve("books"), null), "orders", "orders", "all", false)) {
            book.times().set(RunRequest.LOOK.kind(), NOON);
            for (int i = 0; i < FILES; i++) {
                ReconcileFile file = file(camel, "s" + i / 5 + "-t" + i % 5);
                long due = dueAfterSeconds(file, book);
                times.add(due);
                assertThat(due)
                        .isBetween(
                                Duration.ofMinutes(9).toSeconds(),
                                Duration.ofMinutes(10).toSeconds());
            }
        }
        assertThat(times).as("of 50 runs in a minute").hasSizeGreaterThan(FILES / 2);
    }

    @Test
    void aRunThatEndedWhileTheClockWasFarAheadDelaysNoOther() throws Exception {
        try (CamelContext camel = new LeanCamelContext(true);
                Book book = new Book(new BookPlace(folder.resolve("books"), null), "orders", "orders", "all", false)) {
            book.times().set(RunRequest.LOOK.kind(), NOON.plus(Duration.ofDays(365)));
            assertThat(dueAfterSeconds(file(camel, "orders-shop"), book)).isZero();
        }
    }
}
