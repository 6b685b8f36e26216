package dev.serai.camel;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much an edge takes on at once: requests being answered, or connections, and bytes of bodies held.
 *
 * <p>Promise: neither limit is ever passed. Threads: safe.
 */
final class Admission {

    private final int requestsMax;
    private final long bytesMax;
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();

    Admission(int requestsMax, long bytesMax) {
        this.requestsMax = requestsMax;
        this.bytesMax = bytesMax;
    }

    /** Whether there is room for one more; if so it must {@link #leave}. */
    boolean enter() {
        if (requests.incrementAndGet() <= requestsMax) {
            return true;
        }
        requests.decrementAndGet();
        return false;
    }

    void leave() {
        requests.decrementAndGet();
    }

    /** Whether there is room for these bytes; if so they must be given {@link #back}. */
    boolean hold(int count) {
        if (bytes.addAndGet(count) <= bytesMax) {
            return true;
        }
        bytes.addAndGet(-count);
        return false;
    }

    void back(long count) {
        bytes.addAndGet(-count);
    }
}
