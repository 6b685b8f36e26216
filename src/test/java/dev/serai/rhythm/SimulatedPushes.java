package dev.serai.rhythm;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Pushes in simulated time, and what a rhythm says of them. Times are seconds since a Monday, 00:00 UTC. */
final class SimulatedPushes {
    static final int HOUR = 3600;
    static final int DAY = 24 * HOUR;
    static final int WEEK = 7 * DAY;
    private static final Instant MONDAY = Instant.parse("2026-01-05T00:00:00Z");

    /** When the next push comes after one, in seconds. */
    interface NextPush {
        double after(double now, Random random);
    }

    final List<Double> falseAlarms = new ArrayList<>();
    private final Random random;
    private final NextPush next;
    private Rhythm rhythm = new Rhythm(ZoneOffset.UTC);
    private double now;
    private double setBy;

    SimulatedPushes(long seed, NextPush next) {
        this.random = new Random(seed);
        this.next = next;
        rhythm.begin(wall(0), 0);
    }

    // ---- Sources

    /** Each push so many seconds after the one before, give or take a part of it. */
    static NextPush every(double seconds, double jitter) {
        return (now, random) -> now + seconds * (1 + jitter * (2 * random.nextDouble() - 1));
    }

    /** Pushes that come at random, on average after so many seconds. */
    static NextPush atRandom(double seconds) {
        return (now, random) -> now - seconds * Math.log(1 - random.nextDouble());
    }

    /** The same between two times of the day, and on so many days of the week. */
    static NextPush open(double from, double to, int days, NextPush pushes) {
        return (now, random) -> {
            double at = pushes.after(now, random);
            while (at % DAY < from || at % DAY >= to || Math.floorMod((long) Math.floor(at / DAY), 7L) >= days) {
                at = at % DAY < from && Math.floorMod((long) Math.floor(at / DAY), 7L) < days
                        ? Math.floor(at / DAY) * DAY + from
                        : Math.floor(at / DAY) * DAY + DAY + from;
                at = pushes.after(at, random);
            }
            return at;
        };
    }

    /** Bursts, each of up to so many pushes within a few seconds. */
    static NextPush bursts(int most, NextPush bursts) {
        int[] left = new int[1];
        return (now, random) -> {
            if (left[0] > 0) {
                left[0]--;
                return now + 0.05 * random.nextDouble();
            }
            left[0] = random.nextInt(most);
            return bursts.after(now, random);
        };
    }

    // ---- Run

    private Instant wall(double seconds) {
        return MONDAY.plusMillis(Math.round((seconds + setBy) * 1000));
    }

    private @Nullable Silence silence(double seconds) {
        return rhythm.silence(wall(seconds), Math.round(seconds * 1000), 1);
    }

    /** Pushes until then; each pause in which it is silent is a false alarm. */
    SimulatedPushes until(double end) {
        double at = next.after(now, random);
        while (at < end) {
            now = at;
            if (silence(now - 0.001) != null) {
                falseAlarms.add(now);
            }
            rhythm.came(wall(now), Math.round(now * 1000));
            at = next.after(now, random);
        }
        return this;
    }

    /** No push comes until then; the next ones come as if some had been lost. */
    SimulatedPushes lost(double end) {
        now = Math.max(now, end);
        return this;
    }

    SimulatedPushes set(Duration by) {
        setBy += by.toSeconds();
        return this;
    }

    /** As after a restart. */
    SimulatedPushes restart() {
        rhythm = Rhythm.of(rhythm.text(), ZoneOffset.UTC);
        rhythm.begin(wall(now), Math.round(now * 1000));
        return this;
    }

    Rhythm rhythm() {
        return rhythm;
    }

    double now() {
        return now;
    }

    boolean isSilentAt(double seconds) {
        return silence(seconds) != null;
    }

    /** How many seconds after the last push the alarm rises; infinite if not within four weeks. */
    double secondsToAlarm() {
        double low = 0;
        double high = 4.0 * WEEK;
        if (!isSilentAt(now + high)) {
            return Double.POSITIVE_INFINITY;
        }
        while (high - low > 0.5) {
            double middle = (low + high) / 2;
            if (isSilentAt(now + middle)) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return high;
    }

    /** The most false alarms in one week. */
    long falseAlarmsInWorstWeek() {
        return falseAlarms.stream()
                .map(at -> (long) Math.floor(at / WEEK))
                .distinct()
                .mapToLong(week -> falseAlarms.stream()
                        .filter(at -> (long) Math.floor(at / WEEK) == week)
                        .count())
                .max()
                .orElse(0);
    }
}
