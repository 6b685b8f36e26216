package dev.serai.ledger.write;

import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Limits;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.Transaction;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that writes: everything that arrived while the last commit ran goes into the next transaction.
 *
 * <p>Promise: what was {@link #submit submitted} in one order is applied in that order, and {@link Write#committed} is
 * called only after the commit is durable. When a commit fails its fate is unknown: the store is opened anew, what can
 * be repeated safely is applied again, and the rest is told so. A write that throws anything else is refused alone: the
 * others of its group are committed without it. Only an {@link Error} ends the writer, and then {@link #end} says why.
 *
 * <p>Threads: {@link #submit} and what waits from any; {@link #step} belongs to the writer's own thread, or to a test
 * that does not start it.
 */
public class Writer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Writer.class);
    private static final long LINGER_NANOS = TimeUnit.MILLISECONDS.toNanos(4);
    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final Duration LAST_RETRY = Duration.ofSeconds(5);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final Store store;
    private final Limits limits;
    private final InstantSource clock;
    private final Consumer<List<Entry>> afterCommit;
    private final LinkedBlockingQueue<Write> queue = new LinkedBlockingQueue<>();
    private final List<Write> group = new ArrayList<>();
    private @Nullable Write carriedOver;
    private List<Write> again = new ArrayList<>();

    private volatile @Nullable String trouble;
    private Duration retryDelay = FIRST_RETRY;
    private long retryAtMillis;
    private boolean mustReopen;
    private volatile boolean closed;
    private volatile boolean ended;
    private final CompletableFuture<String> end = new CompletableFuture<>();
    private final AtomicLong refused = new AtomicLong();
    private final Thread thread = new Thread(this::run, "serai-writer");

    /** Makes a ledger's writer. */
    public interface Factory {
        Writer create(Store store, Limits limits, InstantSource clock, Consumer<List<Entry>> afterCommit);
    }

    /** @param afterCommit is given what each transaction added, in order, before any {@link Write#committed} */
    public Writer(Store store, Limits limits, InstantSource clock, Consumer<List<Entry>> afterCommit) {
        this.store = store;
        this.limits = limits;
        this.clock = clock;
        this.afterCommit = afterCommit;
    }

    public void start() {
        thread.start();
    }

    public final void submit(Write write) {
        queue.add(write);
        if (ended) {
            refuse();
        }
    }

    /** Submits and {@link #await awaits}. */
    public final <T> T write(WorkWrite<T> write) {
        submit(write);
        return await(write);
    }

    /** Waits until it is durable; throws {@link StoreException} if that fails or takes too long. */
    public <T> T await(WorkWrite<T> write) {
        try {
            return write.done().get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("interrupted while writing the ledger", e);
        } catch (ExecutionException e) {
            throw new StoreException("the ledger could not be written", e);
        } catch (TimeoutException e) {
            throw new StoreException("the ledger did not write within " + TIMEOUT.toSeconds() + " s", e);
        }
    }

    /** Empty while writes succeed, else one line saying why they do not. */
    public final Optional<String> trouble() {
        return Optional.ofNullable(trouble);
    }

    /** Completes with the reason when the writer ends other than by being closed; it writes nothing from then on. */
    public final CompletableFuture<String> end() {
        return end;
    }

    /** How many writes were refused, each because it threw an exception. */
    public final long refusedWrites() {
        return refused.get();
    }

    /** Commits until closed and everything submitted is done. */
    private void run() {
        try {
            while (!closed || hasWork()) {
                if (trouble == null) {
                    gather();
                } else if (closed) {
                    giveUp();
                } else {
                    Thread.sleep(Math.max(1, retryAtMillis - clock.millis()));
                }
                step();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            String reason = "the ledger's writer ended by an error, restart the node: " + e;
            trouble = reason;
            LOG.error("The ledger's writer ended, nothing is accepted any more", e);
            throw e;
        } finally {
            ended = true;
            queue.addAll(group);
            if (carriedOver != null) {
                queue.add(carriedOver);
            }
            refuse();
            if (trouble != null && !closed) {
                end.complete(String.valueOf(trouble));
            }
        }
    }

    /** Nobody writes any more. */
    private void refuse() {
        StoreException reason = new StoreException(trouble().orElse("the ledger is closed"));
        Write left = queue.poll();
        while (left != null) {
            Write write = left;
            guarded(write, () -> write.failed(reason));
            left = queue.poll();
        }
    }

    /** Ends once all that was submitted is done, or the store does not work; waits for that a while. */
    @Override
    public void close() {
        closed = true;
        submit(new Wake());
        try {
            thread.join(TIMEOUT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean hasWork() {
        return !queue.isEmpty() || !group.isEmpty() || !again.isEmpty() || carriedOver != null;
    }

    /** Waits for work; what is not urgent waits a little longer for company, so that outcomes alone cost few commits. */
    private void gather() throws InterruptedException {
        if (!again.isEmpty()) {
            return;
        }
        Write first = carriedOver != null ? carriedOver : queue.take();
        carriedOver = null;
        group.add(first);
        long deadline = System.nanoTime() + LINGER_NANOS;
        boolean urgent = first.isUrgent();
        while (!urgent && group.size() < limits.groupChangesMax()) {
            Write next = queue.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (next == null) {
                return;
            }
            group.add(next);
            urgent = next.isUrgent();
        }
    }

    /** Commits one group if there is anything to commit and the store is not being left alone after a failure. */
    protected final void step() {
        if (trouble != null && !recover()) {
            return;
        }
        fillGroup();
        if (group.isEmpty()) {
            return;
        }
        try {
            commitFirst(group.size());
        } catch (StoreException e) {
            fail(e);
        }
    }

    /** Commits the first writes of the group and takes them out of it; if that throws, halves find the write at fault. */
    private void commitFirst(int count) {
        List<Write> writes = List.copyOf(group.subList(0, count));
        try {
            commit(writes);
        } catch (StoreException e) {
            throw e;
        } catch (RuntimeException e) {
            if (count == 1) {
                group.remove(0);
                refuse(writes.get(0), e);
            } else {
                commitFirst(count / 2);
                commitFirst(count - count / 2);
            }
            return;
        }
        group.subList(0, count).clear();
        if (retryDelay != FIRST_RETRY) {
            retryDelay = FIRST_RETRY;
            LOG.info("The ledger takes writes again");
        }
        tell(writes);
    }

    private void commit(List<Write> writes) {
        try (Transaction transaction = store.begin()) {
            for (Write write : writes) {
                write.apply(transaction);
            }
            transaction.commit();
        }
    }

    private void refuse(Write write, RuntimeException e) {
        refused.incrementAndGet();
        LOG.error("A write to the ledger failed and is left out, the others go on: {}", write, e);
        guarded(write, () -> write.refused(e));
    }

    private void tell(List<Write> writes) {
        List<Entry> added = new ArrayList<>();
        for (Write write : writes) {
            if (write instanceof AcceptWrite accept) {
                added.addAll(accept.added());
            }
            guarded(write, write::durable);
        }
        if (!added.isEmpty()) {
            afterCommit.accept(added);
        }
        for (Write write : writes) {
            guarded(write, write::committed);
        }
    }

    /** What fails after the commit concerns one write alone, which is durable. */
    private static void guarded(Write write, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            LOG.error("What follows a write to the ledger failed: {}", write, e);
        }
    }

    private void fillGroup() {
        if (!again.isEmpty()) {
            group.addAll(0, again);
            again = new ArrayList<>();
        }
        int changes = 0;
        long bytes = 0;
        for (Write write : group) {
            changes += write.changes();
            bytes += write.bytes();
        }
        while (group.size() < limits.groupChangesMax()) {
            Write next = carriedOver != null ? carriedOver : queue.poll();
            carriedOver = null;
            if (next == null) {
                return;
            }
            changes += next.changes();
            bytes += next.bytes();
            boolean tooMuch = changes > limits.groupChangesMax() || bytes > limits.groupBytesMax();
            if (tooMuch && !group.isEmpty()) {
                carriedOver = next;
                return;
            }
            group.add(next);
        }
    }

    private void fail(StoreException e) {
        String reason = "the ledger cannot be written: " + e.getMessage() + "; " + store.location();
        if (trouble == null) {
            LOG.error("Commit failed, changes are turned away until the ledger is opened again: {}", reason);
        }
        trouble = reason;
        mustReopen = true;
        retryAtMillis = clock.millis() + retryDelay.toMillis();
        retryDelay = min(retryDelay.multipliedBy(2), LAST_RETRY);
        List<Write> failed = new ArrayList<>(group);
        group.clear();
        if (carriedOver != null) {
            failed.add(carriedOver);
            carriedOver = null;
        }
        queue.drainTo(failed);
        for (Write write : failed) {
            guarded(write, () -> {
                if (write.failed(e)) {
                    again.add(write);
                }
            });
        }
    }

    private boolean recover() {
        if (clock.millis() < retryAtMillis) {
            return false;
        }
        try {
            if (mustReopen) {
                store.reopen();
                mustReopen = false;
            }
        } catch (StoreException e) {
            retryAtMillis = clock.millis() + retryDelay.toMillis();
            retryDelay = min(retryDelay.multipliedBy(2), LAST_RETRY);
            trouble = "the ledger cannot be written: " + e.getMessage() + "; " + store.location();
            return false;
        }
        trouble = null;
        afterCommit.accept(List.of());
        return true;
    }

    /** The process stops while the store does not work: what was not committed will come again from the log. */
    private void giveUp() {
        again.clear();
        refuse();
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) <= 0 ? a : b;
    }

    /** Lets a waiting writer see that it was closed. */
    private static final class Wake extends Write {
        @Override
        public void apply(Transaction transaction) {}

        @Override
        public void committed() {}

        @Override
        public boolean failed(StoreException reason) {
            return false;
        }

        @Override
        public void refused(RuntimeException reason) {}

        @Override
        public boolean isUrgent() {
            return true;
        }
    }
}
