package dev.serai.admin.meter;

import dev.serai.task.RepeatedTask;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/**
 * Looks at files again and again, on a thread of its own and not on Vert.x: what ends there after it was closed is an error in the
 * log.
 *
 * <p>Threads: safe.
 */
public final class BackgroundLooks implements AutoCloseable {
    private final ScheduledExecutorService looks =
            Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("serai-admin-looks", true));

    /** Begins after {@code firstMillis}, and waits {@code everyMillis} between looks. @param what as in {@link RepeatedTask} */
    public void begin(String what, long firstMillis, long everyMillis, Runnable look) {
        new RepeatedTask(what, look).start(looks, firstMillis, everyMillis);
    }

    @Override
    public void close() {
        looks.shutdown();
    }
}
