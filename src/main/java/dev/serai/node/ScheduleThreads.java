package dev.serai.node;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.quartz.SchedulerConfigException;
import org.quartz.spi.ThreadPool;

/**
 * The threads that run pulls: started when one is due, ended when none was for a minute. Quartz' own pool starts all of them
 * with the scheduler, and each wakes up twice a second.
 *
 * <p>Threads: safe.
 */
public final class ScheduleThreads implements ThreadPool {
    private volatile int threadCount = 1;
    private volatile @Nullable Semaphore free;
    private volatile @Nullable ExecutorService threads;

    /** How many may run at once; Quartz sets it from {@code org.quartz.threadPool.threadCount}. */
    public void setThreadCount(int threadCount) {
        this.threadCount = threadCount;
    }

    @Override
    public void initialize() throws SchedulerConfigException {
        if (threadCount < 1) {
            throw new SchedulerConfigException("the number of threads must be above 0, not " + threadCount);
        }
        free = new Semaphore(threadCount);
        threads = Executors.newCachedThreadPool(NamedThreads.named("serai-schedule"));
    }

    /** Quartz calls it before {@link #runInThread}, on the same thread. */
    @Override
    public int blockForAvailableThreads() {
        Semaphore permits = started(free);
        try {
            permits.acquire();
            permits.release();
            return Math.max(1, permits.availablePermits());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    @Override
    public boolean runInThread(Runnable task) {
        Semaphore permits = started(free);
        permits.acquireUninterruptibly();
        try {
            started(threads).execute(() -> {
                try {
                    task.run();
                } finally {
                    permits.release();
                }
            });
            return true;
        } catch (RejectedExecutionException stopped) {
            permits.release();
            return false;
        }
    }

    @Override
    public void shutdown(boolean waitForJobsToComplete) {
        ExecutorService running = threads;
        if (running == null) {
            return;
        }
        running.shutdown();
        if (waitForJobsToComplete) {
            Semaphore permits = started(free);
            permits.acquireUninterruptibly(threadCount);
            permits.release(threadCount); // what comes now is refused, and must not wait
        }
    }

    @Override
    public int getPoolSize() {
        return threadCount;
    }

    @Override
    public void setInstanceId(String id) {}

    @Override
    public void setInstanceName(String name) {}

    private static <T> T started(@Nullable T part) {
        if (part == null) {
            throw new IllegalStateException("not initialized");
        }
        return part;
    }
}
