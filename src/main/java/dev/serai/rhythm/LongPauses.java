package dev.serai.rhythm;

/**
 * How much longer than usual the pauses of a source get, and from it the longest pause that is still no silence.
 *
 * <p>Pauses are counted in usual ones. Beyond one usual pause their lengths are taken to fall off exponentially, with the mean
 * excess that was seen (peaks over a threshold with shape 0, as in Coles, An Introduction to Statistical Modeling of Extreme
 * Values, 2001, section 4.2). The limit is where a longer one is to be expected once in thirty weeks, and never below three
 * usual pauses: a source that is regular is silent when its third push in a row is missing.
 *
 * <p>What was seen counts less and less, half as much after three weeks.
 *
 * <p>Threads: one thread.
 */
final class LongPauses {
    private static final double DAY = 24;
    private static final double WEEK = 7 * DAY;
    private static final double LIMIT_MIN = 3;
    private static final double PER_WEEK = 0.03;
    private static final double MEMORY = 4 * WEEK;
    /** What is assumed before anything is seen, as if of so many pauses: the excess of pushes that come at random. */
    private static final double PRIOR_COUNT = 5;

    private static final double PRIOR_EXCESS = 0.5;

    private double hours;
    private double count;
    private double excess;

    /**
     * A whole pause.
     *
     * @param pauseHours its length
     * @param usualPauses how many usual ones that is
     */
    void add(double pauseHours, double usualPauses) {
        double kept = Math.exp(-pauseHours / MEMORY);
        hours = hours * kept + pauseHours;
        count *= kept;
        excess *= kept;
        if (usualPauses > 1) {
            excess += Math.min(usualPauses, 2 * limit()) - 1; // an outage is one pause, whatever its length
            count++;
        }
    }

    /** Whether a day was seen, so that there is a limit. */
    boolean isKnown() {
        return hours >= DAY;
    }

    /** How many usual pauses the longest one has that is no silence. */
    double limit() {
        double perWeek = count * WEEK / Math.max(hours, DAY);
        double mean = (excess + PRIOR_COUNT * PRIOR_EXCESS) / (count + PRIOR_COUNT);
        return Math.max(LIMIT_MIN, 1 + mean * Math.log(Math.max(1, perWeek / PER_WEEK)));
    }

    // ---- As text

    void write(StringBuilder text) {
        text.append((float) hours)
                .append(' ')
                .append((float) count)
                .append(' ')
                .append((float) excess)
                .append('\n');
    }

    /** Throws {@link IllegalArgumentException} if it is not what {@link #write} wrote. */
    static LongPauses read(String line) {
        String[] parts = line.split(" ", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("not the long pauses of a rhythm");
        }
        LongPauses pauses = new LongPauses();
        pauses.hours = RhythmText.number(parts[0]);
        pauses.count = RhythmText.number(parts[1]);
        pauses.excess = RhythmText.number(parts[2]);
        return pauses;
    }
}
