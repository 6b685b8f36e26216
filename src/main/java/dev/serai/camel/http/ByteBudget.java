package dev.serai.camel.http;

import java.util.concurrent.atomic.AtomicLong;
import org.apache.camel.CamelContext;

/**
 * The bytes that all servers and pulls of this process may hold together: bodies that arrive, batches that were read and are
 * not accepted yet, and answers that are not read yet. What the ledger holds is bounded by {@link dev.serai.ledger.model.Limits}.
 *
 * <p>Promise: the limit is never exceeded. Threads: safe.
 */
public final class ByteBudget {
    private static final int HEAP_PARTS = 8;

    private final long bytesMax;
    private final AtomicLong taken = new AtomicLong();

    public ByteBudget(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /** An eighth of the process's memory, as much as each part of the ledger takes. */
    public static ByteBudget ofProcess() {
        return new ByteBudget(Runtime.getRuntime().maxMemory() / HEAP_PARTS);
    }

    /** The one that the node has bound; without a node a new one. */
    public static ByteBudget of(CamelContext context) {
        ByteBudget bound = context.getRegistry().findSingleByType(ByteBudget.class);
        return bound == null ? ofProcess() : bound;
    }

    public long bytesMax() {
        return bytesMax;
    }

    /** Whether there is room for so many bytes; then they must be given {@link #back}. */
    public boolean take(long bytes) {
        return take(bytes, 0);
    }

    /**
     * The same, but only if as much as the taker has already is left free for others.
     *
     * @param shared what the taker has
     */
    boolean take(long bytes, long shared) {
        if (taken.addAndGet(bytes) <= bytesMax - shared) {
            return true;
        }
        taken.addAndGet(-bytes);
        return false;
    }

    public void back(long bytes) {
        taken.addAndGet(-bytes);
    }

    public long taken() {
        return taken.get();
    }
}
