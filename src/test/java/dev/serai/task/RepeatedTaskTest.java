package dev.serai.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.serai.support.CapturedLog;
import dev.serai.support.Patience;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RepeatedTaskTest {
    private final Deque<Throwable> failures = new ArrayDeque<>();
    private final RepeatedTask task = new RepeatedTask("The look", this::look);

    private void look() {
        Throwable next = failures.poll();
        if (next instanceof Error error) {
            throw error;
        }
        if (next instanceof RuntimeException exception) {
            throw exception;
        }
    }

    private List<String> linesOf(Throwable... runs) {
        failures.addAll(List.of(runs));
        try (CapturedLog log = new CapturedLog(FailureLog.class)) {
            while (!failures.isEmpty()) {
                task.run();
            }
            return List.copyOf(log.lines());
        }
    }

    @Test
    void eachKindOfFailureIsToldOnceAndThatItWorksAgainToo() {
        assertThat(linesOf(
                        new IllegalStateException("one"),
                        new IllegalStateException("two"),
                        new NoClassDefFoundError("three"),
                        new IllegalStateException("four")))
                .satisfiesExactly(line -> assertThat(line).contains("The look failed", "one"), line -> assertThat(line)
                        .contains("The look failed", "three"));

        try (CapturedLog log = new CapturedLog(FailureLog.class)) {
            task.run();
            task.run();
            assertThat(log.lines()).singleElement().asString().contains("The look works again");
        }
        assertThat(linesOf(new IllegalStateException("five")))
                .singleElement()
                .asString()
                .contains("five");
    }

    @Test
    void aRunThatFailsDoesNotEndTheTask() {
        AtomicInteger runs = new AtomicInteger();
        ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
        try (CapturedLog log = new CapturedLog(FailureLog.class)) {
            new RepeatedTask("The look", () -> {
                        runs.incrementAndGet();
                        throw new IllegalStateException("no");
                    })
                    .start(executor, 0, 1);
            await().atMost(Patience.MAX).until(() -> runs.get() > 3);
            assertThat(log.lines()).hasSize(1);
        } finally {
            executor.shutdownNow();
        }
    }
}
