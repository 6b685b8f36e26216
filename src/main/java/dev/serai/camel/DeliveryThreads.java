package dev.serai.camel;

import dev.serai.log.LogNames;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
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
    private static final String PROPERTY = "SeraiDeliveryThreads";

    private final String target;
    private final int size;
    private final ThreadPoolExecutor pool;
    /** By the sequence of its first change: what runs, or waits for a thread. */
    private final Map<Long, RunningDelivery> deliveries = new ConcurrentHashMap<>();
    /** By the same sequence: what ends the wait of a delivery that needs no thread now. */
    private final Map<Long, Runnable> waits = new ConcurrentHashMap<>();

    private int lost;

    public DeliveryThreads(String target, int size) {
        this.target = target;
        LogNames.know(target);
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
        RunningDelivery delivery = new RunningDelivery(sequence, work, false);
        deliveries.put(sequence, delivery);
        pool.execute(delivery);
    }

    /** Lets the steps of this exchange find their threads with {@link #of}. */
    public void runs(Exchange exchange, long sequence) {
        exchange.setProperty(PROPERTY, new Continuation(sequence, false));
    }

    /** The same for an exchange whose route never blocks: it continues wherever a step ends. */
    public void runsAnywhere(Exchange exchange, long sequence) {
        exchange.setProperty(PROPERTY, new Continuation(sequence, true));
    }

    public boolean isClosed() {
        return pool.isShutdown();
    }

    /** Null if the exchange is not a delivery. */
    public static @Nullable Continuation of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, Continuation.class);
    }

    /** How the route of a delivery waits without a thread and then continues. */
    public final class Continuation implements Executor {
        private final long sequence;
        private final boolean anywhere;

        private Continuation(long sequence, boolean anywhere) {
            this.sequence = sequence;
            this.anywhere = anywhere;
        }

        /** The route starts to wait. If the delivery is given up before {@link #execute}, this must end the wait. */
        public void waits(Runnable end) {
            waits.put(sequence, end);
            if (pool.isShutdown()) {
                endWait(sequence);
            }
        }

        /** Continues on the target's threads, unless the route never blocks. It runs in any case, since its exchange would otherwise never end. */
        @Override
        public void execute(Runnable rest) {
            waits.remove(sequence);
            if (anywhere) {
                rest.run();
            } else {
                continueWith(sequence, rest);
            }
        }
    }

    /** Ends the wait of a delivery that needs no thread now, so that it will end soon; returns false if there is none. */
    public boolean endWait(long sequence) {
        Runnable end = waits.remove(sequence);
        if (end != null) {
            end.run();
        }
        return end != null;
    }

    private void continueWith(long sequence, Runnable rest) {
        RunningDelivery delivery = new RunningDelivery(sequence, rest, true);
        deliveries.put(sequence, delivery);
        try {
            pool.execute(delivery);
        } catch (RejectedExecutionException e) { // closed
            delivery.run();
        }
    }

    /** Ends the wait of a delivery that has had no outcome for too long, or takes the thread from it. */
    public void abandon(long sequence) {
        endWait(sequence);
        RunningDelivery delivery = deliveries.get(sequence);
        if (delivery != null) {
            delivery.abandon();
        }
    }

    /** Interrupts what is at work, ends what waits, and takes nothing more. */
    public void close() {
        for (Runnable waiting : pool.shutdownNow()) {
            if (waiting instanceof RunningDelivery delivery && delivery.mustRun) {
                delivery.run();
            }
        }
        waits.keySet().forEach(this::endWait);
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
        private final boolean mustRun;
        private @Nullable Thread thread;
        private boolean abandoned;
        private boolean replaced;

        RunningDelivery(long sequence, Runnable work, boolean mustRun) {
            this.sequence = sequence;
            this.work = work;
            this.mustRun = mustRun;
        }

        @Override
        public void run() {
            if (!begin()) {
                return;
            }
            LogNames.beginDelivery(target);
            try {
                work.run();
            } finally {
                LogNames.endDelivery();
                end();
            }
        }

        private synchronized boolean begin() {
            thread = Thread.currentThread();
            if (abandoned && !mustRun) {
                deliveries.remove(sequence, this);
                return false;
            }
            return true;
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
