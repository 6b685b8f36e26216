package dev.serai.camel;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.camel.util.concurrent.CamelThreadFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads on which the deliveries of one target run, as long as their routes need one.
 *
 * <p>An abandoned delivery is interrupted. A thread that does not react to that is replaced by another one, at most {@value
 * #LOST_MAX} times: beyond that the target's deliveries wait for a thread.
 *
 * <p>Threads: safe.
 */
public final class DeliveryThreads {
    private static final Logger LOG = LoggerFactory.getLogger(DeliveryThreads.class);
    private static final int LOST_MAX = 64;

    private final String target;
    private final int size;
    private final ThreadPoolExecutor pool;
    /** By the sequence of its first change: what runs, or waits for a thread. */
    private final Map<Long, RunningDelivery> deliveries = new ConcurrentHashMap<>();

    private int lost;

    public DeliveryThreads(String target, int size) {
        this.target = target;
        this.size = size;
        this.pool = new ThreadPoolExecutor(
                size,
                size,
                30,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                new CamelThreadFactory("serai-" + target.replace('/', '-') + "-#counter#", "", true));
        pool.allowCoreThreadTimeOut(true);
    }

    /** @param sequence of the delivery's first change */
    public void execute(long sequence, Runnable work) {
        RunningDelivery delivery = new RunningDelivery(sequence, work);
        deliveries.put(sequence, delivery);
        pool.execute(delivery);
    }

    /** Takes the thread from a delivery that has had no outcome for too long. */
    public void abandon(long sequence) {
        RunningDelivery delivery = deliveries.get(sequence);
        if (delivery != null) {
            delivery.abandon();
        }
    }

    /** Interrupts what is at work and takes nothing more. */
    public void close() {
        pool.shutdownNow();
    }

    private synchronized boolean replace() {
        if (lost == LOST_MAX) {
            LOG.error(
                    "{} has {} threads that hang and do not react to an interrupt: give what blocks in its route a"
                            + " time-out, and restart the node",
                    target,
                    lost);
            return false;
        }
        lost++;
        resize();
        return true;
    }

    private synchronized void restore() {
        lost--;
        resize();
    }

    private void resize() {
        int now = size + lost;
        if (now > pool.getMaximumPoolSize()) {
            pool.setMaximumPoolSize(now);
            pool.setCorePoolSize(now);
        } else {
            pool.setCorePoolSize(now);
            pool.setMaximumPoolSize(now);
        }
    }

    private final class RunningDelivery implements Runnable {
        private final long sequence;
        private final Runnable work;
        private @Nullable Thread thread;
        private boolean abandoned;
        private boolean replaced;

        RunningDelivery(long sequence, Runnable work) {
            this.sequence = sequence;
            this.work = work;
        }

        @Override
        public void run() {
            if (!begin()) {
                return;
            }
            try {
                work.run();
            } finally {
                end();
            }
        }

        private synchronized boolean begin() {
            thread = Thread.currentThread();
            if (abandoned) {
                deliveries.remove(sequence, this);
            }
            return !abandoned;
        }

        private synchronized void abandon() {
            if (thread == null) {
                abandoned = true;
            } else if (!abandoned) {
                abandoned = true;
                thread.interrupt();
                replaced = replace();
            }
        }

        private synchronized void end() {
            deliveries.remove(sequence, this);
            thread = null;
            if (abandoned) {
                Thread.interrupted(); // the next delivery on this thread must not be interrupted
            }
            if (replaced) {
                restore();
            }
        }
    }
}
