package dev.serai.camel.http;

import java.util.HashMap;
import java.util.Map;

/**
 * What the requests to one path have of an {@link Admission}, and each of their peers.
 *
 * <p>Threads: safe.
 */
public final class AdmissionShare {

    private final Admission admission;
    private final Map<String, Used> byPeer = new HashMap<>();
    private final Used all = new Used();

    private static final class Used {
        private int claims;
        private int requests;
        private long bytes;
    }

    AdmissionShare(Admission admission) {
        this.admission = admission;
    }

    /** For a request that arrives; it has nothing yet. */
    public synchronized Claim claim(String peer) {
        Used used = byPeer.computeIfAbsent(peer, none -> new Used());
        used.claims++;
        return new Claim(peer, used);
    }

    /** What one request has, until it is closed. */
    public final class Claim implements AutoCloseable {
        private final String peer;
        private final Used used;
        private long bytes;
        private boolean entered;
        private boolean closed;

        private Claim(String peer, Used used) {
            this.peer = peer;
            this.used = used;
        }

        /** Whether there is room for so many bytes more. */
        public boolean hold(int count) {
            synchronized (AdmissionShare.this) {
                long others = all.bytes + used.bytes - 2 * bytes;
                if (closed || !admission.hold(count, others, bytes)) {
                    return false;
                }
                bytes += count;
                all.bytes += count;
                used.bytes += count;
                return true;
            }
        }

        /** Whether there is room for one more request in progress. */
        public boolean enter() {
            synchronized (AdmissionShare.this) {
                if (closed || entered || !admission.enter(all.requests + used.requests)) {
                    return false;
                }
                entered = true;
                all.requests++;
                used.requests++;
                return true;
            }
        }

        /** Gives everything back, once. */
        @Override
        public void close() {
            synchronized (AdmissionShare.this) {
                if (closed) {
                    return;
                }
                closed = true;
                admission.back(bytes);
                all.bytes -= bytes;
                used.bytes -= bytes;
                if (entered) {
                    admission.leave();
                    all.requests--;
                    used.requests--;
                }
                if (--used.claims == 0) {
                    byPeer.remove(peer);
                }
            }
        }
    }
}
