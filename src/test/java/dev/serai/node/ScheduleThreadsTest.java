package dev.serai.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.quartz.SchedulerConfigException;

class ScheduleThreadsTest {
    private final ScheduleThreads threads = new ScheduleThreads();
    private final CountDownLatch end = new CountDownLatch(1);

    @AfterEach
    void stop() {
        end.countDown();
    }

    @Test
    void noMoreRunAtOnceThanAreAllowed() throws Exception {
        threads.setThreadCount(2);
        threads.initialize();
        assertThat(threads.blockForAvailableThreads()).isEqualTo(2);
        assertThat(threads.runInThread(this::untilEnd)).isTrue();
        assertThat(threads.blockForAvailableThreads()).isOne();
        assertThat(threads.runInThread(this::untilEnd)).isTrue();

        CompletableFuture<Integer> free = CompletableFuture.supplyAsync(threads::blockForAvailableThreads);
        CompletableFuture<Boolean> third = new CompletableFuture<>();
        CompletableFuture<Boolean> given =
                CompletableFuture.supplyAsync(() -> threads.runInThread(() -> third.complete(true)));
        assertThat(free).isNotDone();
        assertThat(given).isNotDone();

        end.countDown();
        assertThat(free.get(120, TimeUnit.SECONDS)).isPositive();
        assertThat(third.get(120, TimeUnit.SECONDS)).isTrue();
        assertThat(given.get(120, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aTaskThatFailsGivesItsThreadBack() throws Exception {
        threads.initialize();
        threads.runInThread(() -> {
            throw new IllegalStateException("the pull's fault");
        });

        assertThat(CompletableFuture.supplyAsync(threads::blockForAvailableThreads)
                        .get(120, TimeUnit.SECONDS))
                .isOne();
    }

    @Test
    void aStopWaitsForWhatRunsAndTakesNothingMore() throws Exception {
        threads.setThreadCount(2);
        threads.initialize();
        threads.runInThread(this::untilEnd);
        CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> threads.shutdown(true));
        assertThat(stopped).isNotDone();
        end.countDown();
        stopped.get(120, TimeUnit.SECONDS);

        assertThat(threads.runInThread(this::untilEnd)).isFalse();
    }

    @Test
    void noThreadsAtAllAreRefused() {
        threads.setThreadCount(0);
        assertThatThrownBy(threads::initialize)
                .isInstanceOf(SchedulerConfigException.class)
                .hasMessageContaining("above 0");
    }

    private void untilEnd() {
        try {
            assertThat(end.await(120, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
