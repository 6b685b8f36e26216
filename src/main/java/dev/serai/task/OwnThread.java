package dev.serai.task;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread for one work, part of which is done again and again and part when somebody asks. It does not keep the process.
 *
 * <p>Threads: safe.
 */
public final class OwnThread implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OwnThread.class);
    private static final long STOP_SECONDS_MAX = 3;

    private final String what;
    private final ScheduledExecutorService executor;

    /** @param what is done, as in {@link RepeatedTask} */
    public OwnThread(String name, String what) {
        this.what = what;
        this.executor = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Begins now, with this pause between two runs. */
    public void repeat(Runnable task, long pauseMillis) {
        new RepeatedTask(what, task).start(executor, 0, pauseMillis);
    }

    /** Runs it once, after what is under way. If it throws, the log says so; an executor alone would say nothing. */
    public void execute(Runnable task) {
        executor.execute(new RepeatedTask(what, task));
    }

    /** Interrupts what is under way, and waits for its end, {@value #STOP_SECONDS_MAX} s at most. */
    @Override
    public void close() {
        executor.shutdownNow();
        try {
            if (!executor.awaitTermination(STOP_SECONDS_MAX, TimeUnit.SECONDS)) {
                LOG.warn("{} did not end in time", what);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
