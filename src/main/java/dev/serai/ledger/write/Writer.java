package dev.serai.ledger.write;

import dev.serai.ledger.cluster.TakenOverException;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Limits;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.StoreException.StoreAwayException;
import dev.serai.ledger.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that writes to the store. Writes that arrive during a commit go into the next transaction.
 *
 * <p>Promise: writes are applied in the order in which they were {@link #submit submitted}, and {@link Write#committed} is
 * called only after the commit is durable. A failed commit may or may not have taken effect: the store is reopened, writes
 * that are safe to repeat are applied again, and the others fail. If a write throws any other exception, only this write is
 * refused, and the others of its group are committed. Only an {@link Error} ends the writer; {@link #end} then has the reason.
 *
 * <p>Threads: {@link #submit}, {@link #write} and {@link #await} are safe; {@link #step} and {@link #turn} belong to the writer's
 * own thread, or to a test that does not start it.
 */
public class Writer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Writer.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final Limits limits;
    private final Consumer<List<Entry>> afterCommit;
    private final StoreRecovery recovery;
    private final RefusalLog refusals = new RefusalLog();
    private final GroupCommit groupCommit;
    private final WriteQueue queue = new WriteQueue();
    private final List<Write> group = new ArrayList<>();
    private @Nullable Write carriedOver;
    private List<Write> again = new ArrayList<>();

    private volatile boolean closed;
    private volatile boolean ended;
    private volatile boolean takenOver;
    private volatile @Nullable String refusal;
    private final CompletableFuture<String> end = new CompletableFuture<>();
    private final Thread thread = new Thread(this::run, "serai-writer");

    /** @param afterCommit takes the entries that each transaction added, in order, before any {@link Write#committed} */
    public Writer(Store store, Limits limits, TimeSource time, Consumer<List<Entry>> afterCommit) {
        this.limits = limits;
        this.afterCommit = afterCommit;
        this.recovery = new StoreRecovery(store, time);
        this.groupCommit = new GroupCommit(store, afterCommit, refusals);
    }

    /** One that refuses all writes, for a shard that another node writes to. */
    public static Writer refusing(Store store, Limits limits, TimeSource time, String reason) {
        Writer writer = new Writer(store, limits, time, none -> {});
        writer.refusal = reason;
        writer.ended = true;
        return writer;
    }

    public void start() {
        thread.start();
    }

    public final void submit(Write write) {
        queue.add(write);
        if (ended) {
            failQueued();
        }
    }

    /** Submits and {@link #await awaits}. */
    public final <T> T write(WorkWrite<T> write) {
        submit(write);
        return await(write);
    }

    /** Waits until the write is durable; throws {@link StoreException} if it fails or takes too long. */
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

    /** Empty while writes succeed, else one line that says why they do not. */
    public final Optional<String> trouble() {
        return Optional.ofNullable(recovery.trouble());
    }

    /** Whether writes fail because the store's database is not there. */
    public final boolean isAway() {
        return recovery.isAway();
    }

    /** Completes with the reason when the writer ends without being closed; nothing is written after that. */
    public final CompletableFuture<String> end() {
        return end;
    }

    /** Whether it ended because another node writes to the store now. */
    public final boolean isTakenOver() {
        return takenOver;
    }

    /** How often a write was refused because it threw an exception; a write that is tried again counts each time. */
    public final long refusedWrites() {
        return refusals.count();
    }

    /** Commits until closed and everything submitted is done. */
    private void run() {
        try {
            while (turn()) {
                if (recovery.trouble() == null) {
                    gather();
                } else if (!closed) {
                    Thread.sleep(recovery.millisUntilRetry());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            ended();
        }
    }

    /** What the thread does again and again, without its waiting; returns false if the writer has ended. */
    protected final boolean turn() {
        try {
            if (closed && recovery.trouble() != null) {
                giveUp();
            }
            step();
            if (!closed || hasWork()) {
                return true;
            }
        } catch (TakenOverException e) {
            takenOver = true;
            recovery.end("nothing is written any more: " + e.getMessage());
            LOG.warn("Nothing is written any more: {}", e.getMessage());
        } catch (RuntimeException | Error e) {
            recovery.end("the ledger's writer ended with an error, restart the node: " + e);
            LOG.error("The ledger's writer ended, no change is accepted any more", e);
            ended();
            throw e;
        }
        ended();
        return false;
    }

    private void ended() {
        ended = true;
        queue.addAll(group);
        if (carriedOver != null) {
            queue.add(carriedOver);
        }
        failQueued();
        if (!closed) {
            trouble().ifPresent(end::complete);
        }
    }

    /** Fails all that is queued: the writer has ended. */
    private void failQueued() {
        String refused = refusal;
        String text = refused != null ? refused : trouble().orElse("the ledger is closed");
        StoreException reason = refused != null || takenOver ? new StoreAwayException(text) : new StoreException(text);
        Write left = queue.poll();
        while (left != null) {
            Write write = left;
            GroupCommit.guarded(write, () -> write.failed(reason));
            left = queue.poll();
        }
    }

    /** Waits a while until everything submitted is done, or the store is seen not to work. */
    @Override
    public void close() {
        closed = true;
        submit(new WorkWrite<>(true, transaction -> true)); // wakes it, if it waits for work
        try {
            thread.join(TIMEOUT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    protected final boolean hasWork() {
        return !queue.isEmpty() || !group.isEmpty() || !again.isEmpty() || carriedOver != null;
    }

    /** Waits for work, and then for others to be committed with as long as all writes of the group may linger. */
    private void gather() throws InterruptedException {
        if (!again.isEmpty()) {
            return;
        }
        Write first = carriedOver != null ? carriedOver : queue.take();
        carriedOver = null;
        group.add(first);
        long linger = first.lingerMillis();
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(linger);
        while (linger > 0 && group.size() < limits.groupChangesMax()) {
            Write next = queue.poll(deadline, linger);
            if (next == null) {
                return;
            }
            group.add(next);
            if (next.lingerMillis() < linger) {
                linger = next.lingerMillis();
                deadline = Math.min(deadline, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(linger));
            }
        }
    }

    /** Commits one group, if there is one and the store is not waiting to be reopened. */
    protected final void step() {
        if (recovery.trouble() != null) {
            if (!recovery.tryReopen()) {
                return;
            }
            afterCommit.accept(List.of());
        }
        fillGroup();
        if (group.isEmpty()) {
            return;
        }
        try {
            groupCommit.commit(group);
            recovery.commitSucceeded();
        } catch (StoreException e) {
            fail(e);
        }
    }

    private void fillGroup() {
        group.addAll(0, again);
        again = new ArrayList<>();
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
        recovery.commitFailed(e);
        List<Write> failed = new ArrayList<>(group);
        group.clear();
        if (carriedOver != null) {
            failed.add(carriedOver);
            carriedOver = null;
        }
        queue.drainTo(failed);
        for (Write write : failed) {
            GroupCommit.guarded(write, () -> {
                if (write.failed(e)) {
                    again.add(write);
                }
            });
        }
    }

    /** The process stops while the store fails: writes that are not committed are repeated from the log at the next start. */
    private void giveUp() {
        again.clear();
        failQueued();
    }
}
