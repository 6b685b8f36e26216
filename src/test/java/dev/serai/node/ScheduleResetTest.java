package dev.serai.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.camel.LeanCamelContext;
import dev.serai.ledger.time.ClockStep;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.quartz.QuartzComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.impl.matchers.GroupMatcher;

/** As after a clock that was set back by an hour, a schedule waits for a time that is an hour ahead. */
class ScheduleResetTest {
    private static final ClockStep BACK = new ClockStep(Instant.EPOCH, Duration.ofHours(-1));
    private static final ClockStep FORWARD = new ClockStep(Instant.EPOCH, Duration.ofHours(1));

    @Test
    void aPullThatWaitsForTheOldTimeRunsAgain() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        try (DefaultCamelContext context = new LeanCamelContext(true)) {
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("quartz:serai/pull?trigger.repeatInterval=3600000")
                            .process(exchange -> runs.incrementAndGet());
                }
            });
            context.start();
            Awaitility.await().until(() -> runs.get() == 1); // the next run is an hour ahead
            Date planned = nextRun(context);
            new ScheduleReset(context).accept(FORWARD);
            assertThat(nextRun(context)).isEqualTo(planned);

            new ScheduleReset(context).accept(BACK);
            Awaitility.await().until(() -> runs.get() == 2);
        }
    }

    private static Date nextRun(DefaultCamelContext context) throws SchedulerException {
        Scheduler scheduler =
                context.getComponent("quartz", QuartzComponent.class).getScheduler();
        return scheduler
                .getTrigger(scheduler
                        .getTriggerKeys(GroupMatcher.anyTriggerGroup())
                        .iterator()
                        .next())
                .getNextFireTime();
    }

    @Test
    void aNodeWithoutSchedulesNeedsNoReset() throws Exception {
        try (DefaultCamelContext context = new LeanCamelContext(true)) {
            context.start();
            new ScheduleReset(context).accept(BACK);
            assertThat(context.hasComponent("quartz")).isNull();
        }
    }
}
