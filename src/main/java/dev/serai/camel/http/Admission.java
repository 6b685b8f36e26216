package dev.serai.camel.http;

/**
 * Limits the requests (or connections) in progress and the bytes of bodies in memory.
 *
 * <p>A server, on it a path, and on that a peer get more only as long as what they have, taken together, is not more than what
 * is left free. So slow or numerous senders leave room for all others.
 *
 * <p>Promise: neither limit is ever exceeded. Threads: safe.
 */
public final class Admission {

    private final int requestsMax;
    private final long bytesMax;
    private final ByteBudget budget;
    private int requests;
    private long bytes;

    /** @param budget of all servers together */
    public Admission(int requestsMax, long bytesMax, ByteBudget budget) {
        this.requestsMax = requestsMax;
        this.bytesMax = bytesMax;
        this.budget = budget;
    }

    /** The share of a path, for a new mount of it. */
    public AdmissionShare share() {
        return new AdmissionShare(this);
    }

    /** Whether there is room for one more; if so it must {@link #leave}. */
    public boolean enter() {
        return enter(0);
    }

    /** @param shared what the path and the peer have already */
    synchronized boolean enter(int shared) {
        int free = requestsMax - requests - 1;
        if (free < 0 || shared > free) {
            return false;
        }
        requests++;
        return true;
    }

    public synchronized void leave() {
        requests--;
    }

    /** Whether there is room for these bytes; if so they must be given {@link #back}. */
    public boolean hold(int count) {
        return hold(count, 0, 0);
    }

    /**
     * The same for a request.
     *
     * @param shared what other requests of the path and of the peer hold already
     * @param own what this request holds already
     */
    synchronized boolean hold(int count, long shared, long own) {
        long free = bytesMax - bytes - count;
        if (free < 0 || shared > free || !budget.take(count, bytes - own + shared)) {
            return false;
        }
        bytes += count;
        return true;
    }

    public synchronized void back(long count) {
        bytes -= count;
        budget.back(count);
    }
}
