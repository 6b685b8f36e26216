package dev.serai.ledger.chain;

import dev.serai.forecast.Forecast;
import dev.serai.forecast.ForetoldTime;
import dev.serai.forecast.IntervalScore;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.time.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Times that were foretold for one target, until they are known: the first change that was accepted after a forecast shows how long a
 * new change takes, and the last one that was accepted before it when the backlog is drained.
 *
 * <p>Threads: safe.
 */
public final class TimeTrials {
    /** More of one kind are not begun. */
    private static final int OPEN_MAX = 50;
    /** A change that comes later than that after a forecast is another case. */
    private static final long FRESH_MILLIS = Duration.ofMinutes(10).toMillis();
    /** Such a change has gone to another node, or its outcome was lost. */
    private static final long KNOWN_MILLIS_MAX = Duration.ofDays(7).toMillis();

    private final TimeSource time;
    private final IntervalScore score = new IntervalScore();
    private final List<OpenTrial> unclaimed = new ArrayList<>();
    /** By the sequence of the change that shows it. */
    private final Map<Long, OpenTrial> ofChange = new HashMap<>();

    private final List<OpenTrial> ofBacklog = new ArrayList<>();
    private boolean isUsed;

    private static final class OpenTrial {
        final ForetoldTime time;
        final long atMillis;
        final int others;
        /** When its change was accepted, or when a change of its backlog was settled last; 0 if none was. */
        long lastMillis;

        OpenTrial(ForetoldTime time, long atMillis, int others) {
            this.time = time;
            this.atMillis = atMillis;
            this.others = others;
        }

        boolean isOlder(long now, long millis) {
            return now - atMillis > millis;
        }
    }

    TimeTrials(TimeSource time) {
        this.time = time;
    }

    /**
     * Whether a forecast would be scored: something was sent since the last one, or there is a backlog, and not too many are open.
     *
     * @param waits whether there is a backlog
     */
    synchronized boolean takesMore(boolean waits) {
        return (isUsed || waits) && (ofOne() < OPEN_MAX || (waits && ofBacklog.size() < OPEN_MAX));
    }

    private int ofOne() {
        return unclaimed.size() + ofChange.size();
    }

    /** @param waits whether there is a backlog */
    synchronized void begin(Forecast forecast, boolean waits) {
        long now = time.millis();
        isUsed = false;
        int ofOne = ofOne();
        if (ofOne < OPEN_MAX) {
            unclaimed.add(new OpenTrial(forecast.toConsistency(), now, ofOne));
        }
        if (waits && ofBacklog.size() < OPEN_MAX) {
            ofBacklog.add(new OpenTrial(forecast.drained(), now, ofBacklog.size()));
        }
    }

    /** A change is sent, perhaps not for the first time. */
    public synchronized void sent(Entry entry) {
        isUsed = true;
        long acceptedMillis = entry.acceptedAt().toEpochMilli();
        for (Iterator<OpenTrial> all = unclaimed.iterator(); all.hasNext(); ) {
            OpenTrial told = all.next();
            if (told.atMillis <= acceptedMillis) {
                all.remove();
                if (acceptedMillis - told.atMillis <= FRESH_MILLIS) {
                    told.lastMillis = acceptedMillis;
                    ofChange.put(entry.sequence(), told);
                    return;
                }
            }
        }
    }

    /** A change is over for the target. */
    public synchronized void settled(Entry entry, DeliveryState state) {
        if (ofChange.isEmpty() && ofBacklog.isEmpty()) { // as for nearly all changes, and the clock is dear
            return;
        }
        long now = time.millis();
        long acceptedMillis = entry.acceptedAt().toEpochMilli();
        OpenTrial one = ofChange.get(entry.sequence());
        if (one != null && one.lastMillis == acceptedMillis) { // shards may have the same sequence
            ofChange.remove(entry.sequence());
            if (state == DeliveryState.DELIVERED) {
                score.learn(one.time, Math.max(0, now - acceptedMillis) / 1000.0, one.others);
            } else if (state == DeliveryState.DEAD) {
                score.learn(one.time, Double.POSITIVE_INFINITY, one.others);
            }
        }
        for (OpenTrial told : ofBacklog) {
            if (acceptedMillis <= told.atMillis) {
                told.lastMillis = now;
            }
        }
    }

    /** @param oldest when the oldest change that waits was accepted; null if none waits */
    synchronized void look(@Nullable Instant oldest) {
        long now = time.millis();
        long oldestMillis = oldest == null ? Long.MAX_VALUE : oldest.toEpochMilli();
        for (Iterator<OpenTrial> all = ofBacklog.iterator(); all.hasNext(); ) {
            OpenTrial told = all.next();
            if (oldestMillis > told.atMillis) {
                all.remove();
                if (told.lastMillis > 0) { // else other nodes have settled all
                    score.learn(told.time, Math.max(0, told.lastMillis - told.atMillis) / 1000.0, told.others);
                }
            }
        }
        unclaimed.removeIf(told -> told.isOlder(now, KNOWN_MILLIS_MAX));
        ofChange.values().removeIf(told -> told.isOlder(now, KNOWN_MILLIS_MAX));
        ofBacklog.removeIf(told -> told.isOlder(now, KNOWN_MILLIS_MAX));
    }

    /** What became known, which begins at 0 again. */
    synchronized IntervalScore drain() {
        return score.drain();
    }

    /** The same, which stays as it is. */
    synchronized IntervalScore unwritten() {
        IntervalScore copy = new IntervalScore();
        copy.addAll(score);
        return copy;
    }
}
