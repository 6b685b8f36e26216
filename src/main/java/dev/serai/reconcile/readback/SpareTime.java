package dev.serai.reconcile.readback;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.apache.camel.CamelContext;

/**
 * The processor time that all runs of a node may take together: what deliveries and everybody else on the machine leave, and a part
 * of it that is theirs however busy the machine is.
 *
 * <p>It falls while the processors are busy and grows while they are not, as the window of a sender does that gives way to others.
 *
 * <p>Threads: safe.
 */
public final class SpareTime {
    /** Of the time of all processors, however busy they are. */
    static final double PART_MIN = 0.2;

    /** Processors of which more than this part is used are busy. */
    private static final double BUSY = 0.9;

    private static final double FALLS_TO = 0.7;
    private static final double GROWS_BY = 0.05;
    private static final Duration LOOK_EVERY = Duration.ofMillis(500);
    /** What is not used is saved up to this. */
    private static final Duration SAVED_MAX = Duration.ofMillis(200);

    private static final Duration WAIT_MAX = Duration.ofSeconds(10);

    private final int processors;
    private final DoubleSupplier load;
    private final LongSupplier nanos;
    private double part = 1;
    private double left = SAVED_MAX.toNanos();
    private long at;
    private long lookedAt;
    private long waitedNanos;

    /**
     * All processors are free at first.
     *
     * @param load the part of all processors' time that is used now, from 0 to 1; negative if it is not known
     */
    SpareTime(int processors, DoubleSupplier load, LongSupplier nanos) {
        this.processors = processors;
        this.load = load;
        this.nanos = nanos;
        this.at = nanos.getAsLong();
        this.lookedAt = at;
    }

    /** The one of a node. */
    public static SpareTime of(CamelContext context) {
        synchronized (context) {
            SpareTime known = context.getCamelContextExtension().getContextPlugin(SpareTime.class);
            if (known == null) {
                DoubleSupplier load = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)::getCpuLoad;
                known = new SpareTime(Runtime.getRuntime().availableProcessors(), load, System::nanoTime);
                context.getCamelContextExtension().addContextPlugin(SpareTime.class, known);
            }
            return known;
        }
    }

    /**
     * A run has used so much processor time.
     *
     * @return how long it should wait before it goes on
     */
    synchronized Duration used(Duration processorTime) {
        long now = nanos.getAsLong();
        if (now - lookedAt >= LOOK_EVERY.toNanos()) {
            lookedAt = now;
            part = load.getAsDouble() > BUSY ? Math.max(PART_MIN, part * FALLS_TO) : Math.min(1, part + GROWS_BY);
        }
        double perNano = part * processors;
        left = Math.min(SAVED_MAX.toNanos(), left + (now - at) * perNano) - processorTime.toNanos();
        at = now;
        return left >= 0 ? Duration.ZERO : Duration.ofNanos((long) Math.min(WAIT_MAX.toNanos(), -left / perNano));
    }

    /** A run waits so long. */
    synchronized void waits(Duration time) {
        waitedNanos += time.toNanos();
    }

    /** How long all runs of the node together have waited since it was started. */
    public synchronized double waitedSeconds() {
        return waitedNanos / 1e9;
    }
}
