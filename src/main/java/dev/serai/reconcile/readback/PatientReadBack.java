package dev.serai.reconcile.readback;

import dev.serai.connector.pull.PullException;
import dev.serai.connector.pull.PullFailures;
import dev.serai.reconcile.readback.ReadBack.KeyRecord;
import dev.serai.reconcile.readback.ReadBack.ListedRecords;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a target or a source and waits while it is down or asks for a pause, and after each read as long as {@link SpareTime} asks for.
 * What still fails after some tries, or cannot pass, fails the run.
 *
 * <p>Threads: one thread.
 */
public final class PatientReadBack implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PatientReadBack.class);
    /** With the pauses of {@link PullFailures} about a minute. */
    private static final int TRIES_MAX = 6;

    private final ReadBack target;
    private final String side;
    private final PullFailures failures = new PullFailures();
    private final SpareTime spare;
    private final Consumer<Duration> waited;
    private long usedNanos = threadNanos();

    /**
     * Of this thread.
     *
     * @param side what is read, for messages: target or source
     * @param spare for all that the thread does while it reads
     * @param waited is given what it waits for that
     */
    PatientReadBack(ReadBack target, String side, SpareTime spare, Consumer<Duration> waited) {
        this.target = target;
        this.side = side;
        this.spare = spare;
        this.waited = waited;
    }

    private static long threadNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private void giveWay() throws InterruptedException {
        Duration wait = sinceLast();
        if (!wait.isZero()) {
            spare.waits(wait);
            waited.accept(wait);
        }
        TimeUnit.NANOSECONDS.sleep(wait.toNanos());
    }

    /** How long to wait for what the thread has used since this was asked last. */
    private Duration sinceLast() {
        long now = threadNanos();
        Duration used = Duration.ofNanos(now - usedNanos);
        usedNanos = now;
        return spare.used(used);
    }

    public boolean canList() {
        return target.canList();
    }

    public boolean canReadKeys() {
        return target.canReadKeys();
    }

    public void begin(@Nullable String from) throws Exception {
        patiently(() -> {
            target.begin(from);
            return true;
        });
    }

    public ListedRecords next() throws Exception {
        return patiently(target::next);
    }

    public void taken(boolean anyNew) throws Exception {
        target.taken(anyNew);
    }

    public void checkListed(long records) throws PullException {
        target.checkListed(records);
    }

    public List<KeyRecord> read(List<String> keys) throws Exception {
        return patiently(() -> target.read(keys));
    }

    /** The keys in lists that are read at once. */
    public List<List<String>> portions(Collection<String> keys) {
        List<String> all = List.copyOf(keys);
        List<List<String>> portions = new ArrayList<>();
        for (int from = 0; from < all.size(); from += target.keysAtOnce()) {
            portions.add(all.subList(from, Math.min(all.size(), from + target.keysAtOnce())));
        }
        return portions;
    }

    private <T> T patiently(Callable<T> read) throws Exception {
        for (int tries = 0; ; tries++) {
            try {
                T found = read.call();
                giveWay();
                return found;
            } catch (InterruptedException | PullException e) {
                throw e;
            } catch (Exception e) {
                Long wait = tries < TRIES_MAX ? failures.waitForSource(e, tries) : null;
                if (wait == null) {
                    throw new PullException("the " + side + " cannot be read: " + failures.reason(e));
                }
                LOG.debug("The {} cannot be read, tries again in {} ms", side, wait, e);
                TimeUnit.MILLISECONDS.sleep(wait);
            }
        }
    }

    @Override
    public void close() {
        sinceLast();
        target.close();
    }
}
