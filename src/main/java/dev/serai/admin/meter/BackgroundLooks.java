package dev.serai.admin.meter;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at files again and again, on a thread of its own and not on Vert.x: what ends there after it was closed is an error in the
 * log. A look that fails is logged, and the next one comes all the same.
 *
 * <p>Threads: safe.
 */
public final class BackgroundLooks implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BackgroundLooks.class);

    private final ScheduledExecutorService looks =
            Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("serai-admin-looks", true));

    /** Begins after {@code firstMillis}, and waits {@code everyMillis} between looks. */
    public void begin(long firstMillis, long everyMillis, Runnable look) {
        looks.scheduleWithFixedDelay(() -> safely(look), firstMillis, everyMillis, TimeUnit.MILLISECONDS);
    }

    private static void safely(Runnable look) {
        try {
            look.run();
        } catch (RuntimeException e) {
            LOG.error("A look at the tokens or the ledger's size failed, the next one is tried", e);
        }
    }

    @Override
    public void close() {
        looks.shutdown();
    }
}
