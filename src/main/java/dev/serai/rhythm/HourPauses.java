package dev.serai.rhythm;

import java.util.Arrays;

/**
 * The pauses in one hour of the week, of the last three weeks in which it was seen.
 *
 * <p>Units: hours.
 *
 * <p>Threads: one thread.
 */
final class HourPauses {
    static final int WEEKS = 3;
    /** An hour counts as seen if so much of it was. */
    private static final double SEEN_MIN = 0.5;

    private final double[] past = new double[WEEKS];
    private int weeks;
    private long week = Long.MIN_VALUE;
    private double seen;
    private double weighted;

    /**
     * A part of the hour lay in a pause.
     *
     * @param inWeek the number of the week
     * @param hours how long the part is
     * @param pause how long the whole pause is
     */
    void add(long inWeek, double hours, double pause) {
        if (inWeek != week) {
            close();
            week = inWeek;
        }
        seen += hours;
        weighted += hours * pause;
    }

    private void close() {
        if (seen >= SEEN_MIN) {
            System.arraycopy(past, 0, past, 1, WEEKS - 1);
            past[0] = weighted / seen;
            weeks = Math.min(WEEKS, weeks + 1);
        }
        seen = 0;
        weighted = 0;
    }

    /** The newest first. */
    private double[] all() {
        if (seen < SEEN_MIN) {
            return Arrays.copyOf(past, weeks);
        }
        double[] all = new double[Math.min(WEEKS, weeks + 1)];
        all[0] = weighted / seen;
        System.arraycopy(past, 0, all, 1, all.length - 1);
        return all;
    }

    /** In how many weeks it was seen, at most {@link #WEEKS}. */
    int weeks() {
        return all().length;
    }

    /** How many pauses fit into what was seen. */
    double pauses() {
        double count = 0;
        for (double pause : all()) {
            count += 1 / Math.max(UsualPauses.PAUSE_MIN, pause);
        }
        return count;
    }

    /** The usual pause: the median of the weeks, so that one week with an outage does not count; NaN if it was never seen. */
    double usual() {
        double[] all = all();
        Arrays.sort(all);
        return all.length == 0 ? Double.NaN : all[all.length / 2];
    }

    // ---- As text

    void write(StringBuilder text) {
        text.append(week).append(' ').append((float) seen).append(' ').append((float) weighted);
        for (int i = 0; i < weeks; i++) {
            text.append(' ').append((float) past[i]);
        }
        text.append('\n');
    }

    /** Throws {@link IllegalArgumentException} if it is not what {@link #write} wrote. */
    static HourPauses read(String line) {
        String[] parts = line.split(" ", -1);
        if (parts.length < 3 || parts.length > 3 + WEEKS) {
            throw new IllegalArgumentException("not an hour of a rhythm");
        }
        HourPauses hour = new HourPauses();
        hour.week = Long.parseLong(parts[0]);
        hour.seen = RhythmText.number(parts[1]);
        hour.weighted = RhythmText.number(parts[2]);
        hour.weeks = parts.length - 3;
        for (int i = 0; i < hour.weeks; i++) {
            hour.past[i] = RhythmText.number(parts[3 + i]);
        }
        return hour;
    }
}
