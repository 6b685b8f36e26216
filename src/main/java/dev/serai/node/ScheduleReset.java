package dev.serai.node;

import dev.serai.ledger.time.ClockStep;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.apache.camel.component.quartz.QuartzComponent;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.Trigger;
import org.quartz.TriggerKey;
import org.quartz.impl.matchers.GroupMatcher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Plans the runs of pulls anew when the wall clock was set back. Quartz waits for a time that it computed before, so that
 * pulls would stand still for as long as the clock was set back.
 *
 * <p>Threads: safe.
 */
final class ScheduleReset implements Consumer<ClockStep> {
    private static final Logger LOG = LoggerFactory.getLogger(ScheduleReset.class);

    private final CamelContext context;

    ScheduleReset(CamelContext context) {
        this.context = context;
    }

    @Override
    public void accept(ClockStep step) {
        if (step.by().isNegative() && context.hasComponent("quartz") instanceof QuartzComponent quartz) {
            try {
                reset(quartz.getScheduler());
            } catch (SchedulerException e) {
                LOG.error(
                        "The schedules of pulls could not be planned anew; they go on when the clock has caught up", e);
            }
        }
    }

    private static void reset(Scheduler scheduler) throws SchedulerException {
        for (TriggerKey key : scheduler.getTriggerKeys(GroupMatcher.anyTriggerGroup())) {
            Trigger trigger = scheduler.getTrigger(key);
            boolean paused = scheduler.getTriggerState(key) == Trigger.TriggerState.PAUSED; // its route is suspended
            if (trigger != null && !paused) {
                scheduler.rescheduleJob(
                        key, trigger.getTriggerBuilder().startNow().build());
            }
        }
    }
}
