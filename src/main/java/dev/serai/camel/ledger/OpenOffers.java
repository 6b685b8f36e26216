package dev.serai.camel.ledger;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * The changes that a target's route offers to outside readers, so that they can be given back when the route stops:
 * readers may never come.
 *
 * <p>Threads: safe.
 */
public final class OpenOffers {
    private static final String PROPERTY = "SeraiHolds";

    /** What gives an offer back, with the sequence of its change. */
    private final Map<Runnable, Long> releases = new ConcurrentHashMap<>();

    private volatile boolean closed;

    void offer(Exchange exchange) {
        exchange.setProperty(PROPERTY, this);
    }

    /** The offers of the exchange's route; null if that is not a target's route. */
    public static @Nullable OpenOffers of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, OpenOffers.class);
    }

    /** Keeps what gives a held exchange back; calls it at once if the route stops already. */
    public void add(long sequence, Runnable release) {
        releases.put(release, sequence);
        if (closed) {
            release.run();
        }
    }

    public void remove(Runnable release) {
        releases.remove(release);
    }

    /** Whether the change waits for a reader. */
    boolean isOffered(long sequence) {
        return releases.containsValue(sequence);
    }

    /** Gives everything back, from now on. */
    void close() {
        closed = true;
        releases.keySet().forEach(Runnable::run);
    }

    void open() {
        closed = false;
    }
}
