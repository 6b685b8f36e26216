package dev.serai.ledger.write;

import java.util.Collection;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The writes that wait for the writer, in the order in which they were added.
 *
 * <p>A writer that already has writes and lingers is woken only by a write that may linger for less: to wake a thread costs more than
 * to add a write, and under load most are outcomes, which may all linger.
 *
 * <p>Threads: {@link #add}, {@link #poll} and {@link #isEmpty} are safe; only the writer waits.
 */
final class WriteQueue {
    private static final long AWAKE = 0;
    private static final long IDLE = Long.MAX_VALUE;

    private final ConcurrentLinkedQueue<Write> writes = new ConcurrentLinkedQueue<>();
    /** A write that lingers for less milliseconds wakes the writer. */
    private final AtomicLong wakes = new AtomicLong(AWAKE);

    private volatile @Nullable Thread writer;

    void add(Write write) {
        writes.add(write);
        long below = wakes.get();
        if (write.lingerMillis() < below && wakes.compareAndSet(below, AWAKE)) {
            LockSupport.unpark(writer);
        }
    }

    void addAll(Collection<Write> more) {
        more.forEach(this::add);
    }

    @Nullable Write poll() {
        return writes.poll();
    }

    boolean isEmpty() {
        return writes.isEmpty();
    }

    /** Moves all to a list. */
    void drainTo(Collection<Write> list) {
        Write next = writes.poll();
        while (next != null) {
            list.add(next);
            next = writes.poll();
        }
    }

    /** Waits for the next write. */
    Write take() throws InterruptedException {
        Write next = writes.poll();
        while (next == null) {
            next = await(IDLE, Long.MAX_VALUE);
        }
        return next;
    }

    /** The next write; if there is none, waits for one that lingers for less than these milliseconds; null after the deadline. */
    @Nullable Write poll(long deadlineNanos, long lingerMillis) throws InterruptedException {
        Write next = writes.poll();
        long left = deadlineNanos - System.nanoTime();
        while (next == null && left > 0) { // a wake-up may be left over from a write that was taken without it
            next = await(lingerMillis, left);
            left = deadlineNanos - System.nanoTime();
        }
        return next;
    }

    private @Nullable Write await(long below, long nanos) throws InterruptedException {
        writer = Thread.currentThread();
        wakes.set(below);
        try {
            Write next = writes.poll(); // one that was added before it could see that the writer waits
            if (next != null) {
                return next;
            }
            LockSupport.parkNanos(this, nanos);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            return writes.poll();
        } finally {
            wakes.set(AWAKE);
        }
    }
}
