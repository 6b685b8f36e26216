package dev.serai.node;

import java.util.HashMap;
import java.util.Map;
import org.apache.camel.component.quartz.QuartzComponent;

/** The component behind {@code quartz:}, whose scheduler starts with the first route that has a schedule. */
final class ScheduleComponent extends QuartzComponent {
    /** Configures the component, and by that would create it in a node without schedules. */
    static final String THREADS = "camel.component.quartz.properties[org.quartz.threadPool.threadCount]";

    ScheduleComponent(Settings settings) {
        setEnableJmx(false); // as in all of the node; it takes a fiftieth of a start
        // Camel adds what the user sets.
        setProperties(new HashMap<>(Map.of(
                "org.quartz.threadPool.class",
                ScheduleThreads.class.getName(),
                "org.quartz.threadPool.threadCount",
                settings.get(THREADS))));
    }
}
