package dev.serai.camel.ledger;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongPredicate;
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

    /** Null while the route stops. */
    private volatile @Nullable LongPredicate mayDeliver;

    void offer(Exchange exchange) {
        exchange.setProperty(PROPERTY, this);
    }

    /** The offers of the exchange's route; null if that is not a target's route. */
    public static @Nullable OpenOffers of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, OpenOffers.class);
    }

    /** Keeps what gives a held exchange back; calls it at once if the route, or its part for the change, stops already. */
    public void add(long sequence, Runnable release) {
        releases.put(release, sequence);
        if (!mayBeRead(sequence)) {
            release.run();
        }
    }

    /** Whether a reader may have the change: not while another node may deliver it. */
    public boolean mayBeRead(long sequence) {
        LongPredicate open = mayDeliver;
        return open != null && open.test(sequence);
    }

    public void remove(Runnable release) {
        releases.remove(release);
    }

    /** Whether the change waits for a reader. */
    boolean isOffered(long sequence) {
        return releases.containsValue(sequence);
    }

    /** Gives back what may not be read any more. */
    void giveBack() {
        releases.forEach((release, sequence) -> {
            if (!mayBeRead(sequence)) {
                release.run();
            }
        });
    }

    /** Gives everything back, from now on. */
    void close() {
        mayDeliver = null;
        releases.keySet().forEach(Runnable::run);
    }

    /** @param now whether the change of a sequence may still be delivered by this node; does not block */
    void open(LongPredicate now) {
        mayDeliver = now;
    }
}
