package dev.serai.rhythm;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * How long the pauses between pushes usually are, by hour of the week.
 *
 * <p>Of an hour, the usual pause is the mean, over its moments, of the length of the pause in which a moment lies: Σ pause² ÷ Σ
 * pause. Of equal pauses that is their length. Pushes that come in a burst add nothing to it, since hardly any time passes
 * between them; and an hour in which a quiet time begins or ends has a long one. Where few pauses were seen, it is drawn to that
 * of the same hour on the other days (geometric mean, weighted by what was seen).
 *
 * <p>Units: hours; times are hours since the epoch, in local time.
 *
 * <p>Threads: one thread.
 */
final class UsualPauses {
    static final double PAUSE_MIN = Rhythm.PAUSE_MIN.toSeconds() / 3600.0;

    private static final int DAY = 24;
    private static final int HOURS = 7 * DAY;
    /** So many pauses have to be seen before anything is known. */
    private static final double KNOWN_PAUSES = 5;

    /** As if the other days had been seen so often in this hour. */
    private static final double PRIOR = 1;

    private final HourPauses[] hours;
    private final double[] usual = new double[HOURS];
    private boolean isKnown;
    private double longest;
    private long computedIn = Long.MIN_VALUE;

    UsualPauses() {
        this(IntStream.range(0, HOURS).mapToObj(hour -> new HourPauses()).toArray(HourPauses[]::new));
    }

    private UsualPauses(HourPauses[] hours) {
        this.hours = hours;
    }

    /** A whole pause. */
    void add(double from, double to) {
        double pause = to - from;
        double at = Math.max(from, to - HOURS); // of a longer one the rest says the same
        while (at < to) {
            long hour = (long) Math.floor(at);
            double end = Math.min(to, hour + 1.0);
            hours[ofWeek(hour)].add(Math.floorDiv(hour, (long) HOURS), end - at, pause);
            at = end;
        }
    }

    /** Whether enough was seen until that time to tell what is usual. */
    boolean isKnown(double at) {
        compute((long) Math.floor(at));
        return isKnown;
    }

    /** The usual pause at a time; infinite if this hour of the week was never seen. */
    double at(double time) {
        compute((long) Math.floor(time));
        return usual[ofWeek((long) Math.floor(time))];
    }

    /** The longest usual pause of all hours that were seen. */
    double longest() {
        return longest;
    }

    /** How many usual pauses long a time is; hours of the week that were never seen add nothing. */
    double count(double from, double to) {
        compute((long) Math.floor(to));
        double count = 0;
        double at = from;
        while (at < to) {
            long hour = (long) Math.floor(at);
            double end = Math.min(to, hour + 1.0);
            count += (end - at) / usual[ofWeek(hour)];
            at = end;
        }
        return count;
    }

    private static int ofWeek(long hour) {
        return (int) Math.floorMod(hour, (long) HOURS);
    }

    /** Once an hour is enough. */
    private void compute(long now) {
        if (now == computedIn) {
            return;
        }
        computedIn = now;
        double[] own = Arrays.stream(hours).mapToDouble(HourPauses::usual).toArray();
        double[] ofDay = ofDay(own);
        longest = PAUSE_MIN;
        double pauses = 0;
        for (int hour = 0; hour < HOURS; hour++) {
            if (Double.isNaN(own[hour])) {
                usual[hour] = Double.POSITIVE_INFINITY;
                continue;
            }
            double seen = hours[hour].pauses();
            double weight = hours[hour].weeks() + seen;
            double drawn = (weight * Math.log(own[hour]) + PRIOR * Math.log(ofDay[hour % DAY])) / (weight + PRIOR);
            usual[hour] = Math.max(PAUSE_MIN, Math.exp(drawn));
            longest = Math.max(longest, usual[hour]);
            pauses += seen;
        }
        isKnown = pauses >= KNOWN_PAUSES;
    }

    /** The mean over the days on which an hour was seen; NaN if it was on none. */
    private static double[] ofDay(double[] own) {
        double[] means = new double[DAY];
        for (int hour = 0; hour < DAY; hour++) {
            double sum = 0;
            int days = 0;
            for (int at = hour; at < HOURS; at += DAY) {
                sum += Double.isNaN(own[at]) ? 0 : own[at];
                days += Double.isNaN(own[at]) ? 0 : 1;
            }
            means[hour] = Math.max(PAUSE_MIN, sum / days);
        }
        return means;
    }

    // ---- As text

    void write(StringBuilder text) {
        Arrays.stream(hours).forEach(hour -> hour.write(text));
    }

    /** Throws {@link IllegalArgumentException} if it is not what {@link #write} wrote. */
    static UsualPauses read(String[] lines, int first) {
        if (lines.length < first + HOURS) {
            throw new IllegalArgumentException("not a rhythm: it is too short");
        }
        return new UsualPauses(IntStream.range(0, HOURS)
                .mapToObj(hour -> HourPauses.read(lines[first + hour]))
                .toArray(HourPauses[]::new));
    }
}
