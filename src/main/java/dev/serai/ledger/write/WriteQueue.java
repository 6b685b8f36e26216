package dev.serai.ledger.write;

import java.util.Collection;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The writes that wait for the writer, in the order in which they were added.
 *
 * <p>A writer that already has writes and waits for company is woken only by an urgent one: to wake a thread costs more than
 * to add a write, and under load most are outcomes, which are not urgent.
 *
 * <p>Threads: {@link #add}, {@link #poll} and {@link #isEmpty} are safe; only the writer waits.
 */
final class WriteQueue {
    private static final int AWAKE = 0;
    private static final int WAITS_FOR_ANY = 1;
    private static final int WAITS_FOR_URGENT = 2;

    private final ConcurrentLinkedQueue<Write> writes = new ConcurrentLinkedQueue<>();
    private final AtomicInteger state = new AtomicInteger(AWAKE);
    private volatile @Nullable Thread writer;

    void add(Write write) {
        writes.add(write);
        int waits = state.get();
        boolean wakes = waits == WAITS_FOR_ANY || (waits == WAITS_FOR_URGENT && write.isUrgent());
        if (wakes && state.compareAndSet(waits, AWAKE)) {
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
            next = await(WAITS_FOR_ANY, Long.MAX_VALUE);
        }
        return next;
    }

    /** The next write; if there is none, waits for an urgent one until the deadline, and may return null before. */
    @Nullable Write poll(long deadlineNanos) throws InterruptedException {
        Write next = writes.poll();
        long left = deadlineNanos - System.nanoTime();
        return next == null && left > 0 ? await(WAITS_FOR_URGENT, left) : next;
    }

    private @Nullable Write await(int what, long nanos) throws InterruptedException {
        writer = Thread.currentThread();
        state.set(what);
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
            state.set(AWAKE);
        }
    }
}
