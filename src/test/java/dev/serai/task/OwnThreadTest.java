package dev.serai.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.support.CapturedLog;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class OwnThreadTest {
    @AutoClose
    private final OwnThread thread = new OwnThread("own", "The work of the test");

    @Test
    void aTaskThatThrowsIsToldAndTheNextOneRuns() throws Exception {
        CompletableFuture<Thread> next = new CompletableFuture<>();
        try (var log = new CapturedLog()) {
            thread.execute(() -> {
                throw new IllegalStateException("the disk is full");
            });
            thread.execute(() -> next.complete(Thread.currentThread()));

            assertThat(next.get(120, TimeUnit.SECONDS).isDaemon()).isTrue();
            assertThat(log.lines())
                    .anyMatch(
                            line -> line.contains("The work of the test failed") && line.contains("the disk is full"));
        }
    }
}
