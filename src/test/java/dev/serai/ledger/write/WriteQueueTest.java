package dev.serai.ledger.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** When the writer wakes, and in which order it gets the writes. */
class WriteQueueTest {
    private final WriteQueue queue = new WriteQueue();
    private final AtomicReference<Write> taken = new AtomicReference<>();

    private static Write write(boolean urgent) {
        return new WorkWrite<>(urgent, transaction -> true);
    }

    /** A writer that waits. */
    private Thread writer(long deadlineNanos) {
        Thread thread = new Thread(() -> {
            try {
                taken.set(
                        deadlineNanos == 0
                                ? queue.take()
                                : queue.poll(System.nanoTime() + deadlineNanos, LingeringWrite.DAY_MILLIS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        thread.start();
        await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
        return thread;
    }

    @Test
    void whatWasAddedComesInOrder() throws Exception {
        Write first = write(false);
        Write second = write(true);
        queue.add(first);
        queue.add(second);
        assertThat(queue.take()).isSameAs(first);
        assertThat(queue.poll(System.nanoTime(), 1)).isSameAs(second);
        assertThat(queue.poll(System.nanoTime(), 1)).isNull();
    }

    @Test
    void anIdleWriterIsWokenByAnyWrite() throws Exception {
        Thread writer = writer(0);
        Write write = write(false);
        queue.add(write);
        writer.join();
        assertThat(taken).hasValue(write);
    }

    @Test
    void aWriterThatLingersIsWokenByAWriteThatLingersForLessAlone() throws Exception {
        Thread writer = writer(TimeUnit.DAYS.toNanos(1));
        Write outcome = new LingeringWrite();
        queue.add(outcome);
        assertThat(writer.getState()).isEqualTo(Thread.State.TIMED_WAITING);
        queue.add(write(false));
        writer.join();
        assertThat(taken).hasValue(outcome);
        assertThat(queue.isEmpty()).isFalse();
    }

    @Test
    void aWriterThatIsInterruptedEnds() throws Exception {
        Thread writer = writer(0);
        writer.interrupt();
        writer.join();
        assertThat(taken).hasValue(null);
    }
}
