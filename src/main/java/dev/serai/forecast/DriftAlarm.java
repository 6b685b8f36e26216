package dev.serai.forecast;

/**
 * Tells when the failures of the last minutes no longer fit those of the last day: a cumulative sum of log likelihood ratios (Page,
 * Continuous Inspection Schemes, 1954), with one step for each minute in which something was tried. Failures are compared with twice their
 * usual share, or five hundredths more. Since failures come in groups, a minute counts for at most {@value #MINUTE_MAX} nats, and the alarm
 * needs {@value #ALARM}: at least six bad minutes.
 *
 * <p>Threads: one thread at a time.
 */
public final class DriftAlarm {
    private static final double MINUTE_MAX = 2;
    private static final double ALARM = 12;
    private static final double SUM_MAX = 18;
    private static final double TWICE = 2;
    private static final double MORE = 0.05;
    /** The half-life of what is usual, in minutes in which something was tried. */
    private static final double USUAL_MINUTES = 720;
    /** Before that many attempts nothing is usual. */
    private static final double ATTEMPTS_MIN = 100;

    private double usualAttempts;
    private double usualFailures;
    private double sum;
    private boolean on;
    private double lately;

    /**
     * What was counted within the last day, before this process.
     *
     * @param attempts all of them
     */
    public void restore(long attempts, long failures) {
        usualAttempts = attempts;
        usualFailures = failures;
    }

    /** A minute is over. */
    public void minute(long attempts, long failures) {
        if (attempts == 0) {
            return;
        }
        if (usualAttempts >= ATTEMPTS_MIN) {
            step(attempts, failures);
        }
        double left = Math.pow(0.5, 1 / USUAL_MINUTES);
        usualAttempts = usualAttempts * left + attempts;
        usualFailures = usualFailures * left + failures;
    }

    private void step(long attempts, long failures) {
        double usual = usual();
        double worse = Math.min(0.99, Math.max(TWICE * usual, usual + MORE));
        double ratio = failures * Math.log(worse / usual) + (attempts - failures) * Math.log((1 - worse) / (1 - usual));
        sum = Math.min(SUM_MAX, Math.max(0, sum + Math.max(-MINUTE_MAX, Math.min(MINUTE_MAX, ratio))));
        lately = sum == 0 ? 0 : lately + ((double) failures / attempts - lately) / 3;
        on = on ? sum > 0 : sum >= ALARM;
    }

    public boolean isOn() {
        return on;
    }

    /** The usual share of failures. */
    public double usual() {
        double share = (usualFailures + 0.5) / (usualAttempts + 1);
        return Math.min(0.9, Math.max(0.001, share));
    }

    /** The share of failures in the last minutes, while it is unusual. */
    public double lately() {
        return lately;
    }
}
