package dev.serai.node.silence;

import dev.serai.text.DurationText;
import dev.serai.text.LogText;
import java.util.Date;
import org.apache.camel.Route;
import org.apache.camel.component.quartz.QuartzEndpoint;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.SimpleScheduleBuilder;
import org.quartz.SimpleTrigger;
import org.quartz.Trigger;
import org.quartz.TriggerKey;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a pull run four times as often, and again as its interval says. A pull with a cron expression keeps it: it says at which
 * times the source may be read.
 *
 * <p>The usual interval is kept with the trigger, so that it ends with it.
 *
 * <p>Threads: one thread at a time.
 */
final class PullPace {
    private static final Logger LOG = LoggerFactory.getLogger(PullPace.class);
    private static final String USUAL = "serai.usualInterval";
    private static final long TIGHTER = 4;
    private static final long MILLIS_MIN = 1_000;

    private PullPace() {}

    /**
     * Sets the pace of a pull, if it is another one; nothing if it has no interval, or is suspended.
     *
     * @param route the Kamelet's own
     * @param isTight whether it is to run four times as often, but not more than once a second
     */
    static void set(String source, Route route, boolean isTight) throws SchedulerException {
        if (!(route.getEndpoint() instanceof QuartzEndpoint endpoint)) {
            return;
        }
        Scheduler scheduler = endpoint.getComponent().getScheduler();
        TriggerKey key = endpoint.getTriggerKey();
        boolean isPaused = scheduler.getTriggerState(key) == Trigger.TriggerState.PAUSED;
        if (isPaused || !(scheduler.getTrigger(key) instanceof SimpleTrigger trigger)) {
            return;
        }
        long now = trigger.getRepeatInterval();
        long usual = trigger.getJobDataMap().containsKey(USUAL)
                ? trigger.getJobDataMap().getLong(USUAL)
                : now;
        long wanted = isTight ? Math.min(usual, Math.max(usual / TIGHTER, MILLIS_MIN)) : usual;
        if (wanted == now) {
            return;
        }
        scheduler.rescheduleJob(
                key,
                trigger.getTriggerBuilder()
                        .usingJobData(USUAL, usual)
                        .withSchedule(((SimpleScheduleBuilder) trigger.getScheduleBuilder())
                                .withIntervalInMilliseconds(wanted)
                                .repeatForever())
                        .startAt(next(trigger, wanted))
                        .build());
        LOG.info(
                wanted < usual
                        ? "Pull {}: runs every {} in place of {}, because a source that pushes the same changes is silent"
                        : "Pull {}: runs every {} again",
                LogText.of(source),
                DurationText.ofSeconds(wanted / 1000.0),
                DurationText.ofSeconds(usual / 1000.0));
    }

    /** So much later than now, but not later than it was due. */
    private static Date next(SimpleTrigger trigger, long millis) {
        Date later = new Date(System.currentTimeMillis() + millis);
        Date due = trigger.getNextFireTime();
        return due != null && due.before(later) ? due : later;
    }
}
