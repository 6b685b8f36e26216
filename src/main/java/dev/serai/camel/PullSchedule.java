package dev.serai.camel;

import java.text.ParseException;
import java.time.Duration;
import java.util.Date;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.Consumer;
import org.apache.camel.spi.ScheduledPollConsumerScheduler;
import org.apache.camel.support.service.ServiceSupport;
import org.apache.camel.util.TimeUtils;
import org.apache.camel.util.concurrent.CamelThreadFactory;
import org.jspecify.annotations.Nullable;
import org.quartz.CronExpression;

/**
 * When a pull runs: at the times of a Quartz cron expression, or every so often, the first time at once.
 *
 * <p>The next time is looked for when a run is over. So two runs are never on at once, one that was missed is not made up,
 * and a pull that waits for its source takes no thread from others, as it would on Quartz's own threads.
 *
 * <p>Threads: safe.
 */
public final class PullSchedule extends ServiceSupport implements ScheduledPollConsumerScheduler {
    private final @Nullable CronExpression cron;
    private final Duration interval;
    private @Nullable CamelContext context;
    private @Nullable Runnable task;
    private String name = "";
    private @Nullable ScheduledThreadPoolExecutor thread;

    /**
     * The schedule.
     *
     * @param schedule a Quartz cron expression in the time zone of this machine, or null or blank
     * @param interval from the start of one run to the start of the next, if there is no cron expression
     */
    public PullSchedule(@Nullable String schedule, String interval) {
        this.cron = schedule == null || schedule.isBlank() ? null : parse(schedule);
        this.interval = Duration.ofMillis(TimeUtils.toMilliSeconds(interval));
        if (this.interval.isZero() || this.interval.isNegative()) {
            throw new IllegalArgumentException("interval must be more than zero, like 1m");
        }
    }

    private static CronExpression parse(String schedule) {
        try {
            return new CronExpression(schedule);
        } catch (ParseException e) {
            throw new IllegalArgumentException(
                    "schedule must be a Quartz cron expression such as 0 0/5 * * * ?: " + e.getMessage(), e);
        }
    }

    @Override
    public void onInit(Consumer consumer) {
        name = consumer.getEndpoint().getEndpointKey().replaceAll("^scheduler://|\\?.*$", "");
    }

    @Override
    public synchronized void scheduleTask(Runnable run) {
        task = run;
    }

    @Override
    public synchronized void startScheduler() {
        if (thread != null) {
            return;
        }
        ScheduledThreadPoolExecutor executor =
                new ScheduledThreadPoolExecutor(1, new CamelThreadFactory(name + "-#counter#", "", true));
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        thread = executor;
        if (cron == null) {
            executor.execute(() -> run(executor));
        } else {
            scheduleNext(executor, 0);
        }
    }

    private void run(ScheduledThreadPoolExecutor executor) {
        long started = System.nanoTime();
        Runnable run;
        synchronized (this) {
            run = task;
        }
        try {
            if (run != null) {
                run.run();
            }
        } finally {
            scheduleNext(executor, started);
        }
    }

    private void scheduleNext(ScheduledThreadPoolExecutor executor, long startedNanos) {
        long delayNanos;
        if (cron == null) {
            delayNanos = Math.max(0, interval.toNanos() - (System.nanoTime() - startedNanos));
        } else {
            Date now = new Date();
            Date next = cron.getNextValidTimeAfter(now);
            if (next == null) {
                return;
            }
            delayNanos = TimeUnit.MILLISECONDS.toNanos(next.getTime() - now.getTime());
        }
        try {
            executor.schedule(() -> run(executor), delayNanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // stopped meanwhile
        }
    }

    @Override
    public synchronized boolean isSchedulerStarted() {
        return thread != null;
    }

    @Override
    public synchronized void unscheduleTask() {
        if (thread != null) {
            thread.shutdown();
            thread = null;
        }
    }

    @Override
    protected void doStop() {
        unscheduleTask();
    }

    @Override
    public @Nullable CamelContext getCamelContext() {
        return context;
    }

    @Override
    public void setCamelContext(@Nullable CamelContext camelContext) {
        context = camelContext;
    }
}
