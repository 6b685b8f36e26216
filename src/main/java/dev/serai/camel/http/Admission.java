package dev.serai.camel.http;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Limits the requests (or connections) in progress and the bytes of bodies in memory.
 *
 * <p>Promise: neither limit is ever exceeded. Threads: safe.
 */
public final class Admission {

    private final int requestsMax;
    private final long bytesMax;
    private final ByteBudget budget;
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();

    /** @param budget of all servers together */
    public Admission(int requestsMax, long bytesMax, ByteBudget budget) {
        this.requestsMax = requestsMax;
        this.bytesMax = bytesMax;
        this.budget = budget;
    }

    /** Whether there is room for one more; if so it must {@link #leave}. */
    public boolean enter() {
        if (requests.incrementAndGet() <= requestsMax) {
            return true;
        }
        requests.decrementAndGet();
        return false;
    }

    public void leave() {
        requests.decrementAndGet();
    }

    /** Whether there is room for these bytes; if so they must be given {@link #back}. */
    public boolean hold(int count) {
        if (bytes.addAndGet(count) <= bytesMax && budget.take(count)) {
            return true;
        }
        bytes.addAndGet(-count);
        return false;
    }

    public void back(long count) {
        bytes.addAndGet(-count);
        budget.back(count);
    }
}
