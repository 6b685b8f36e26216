package dev.serai.reconcile;

import java.util.List;

/**
 * What a run is to do.
 *
 * @param hot whether only keys are compared of which something was taken since they were compared last; all of them if that is not
 *     known
 * @param sample how many random keys to compare; 0 for another run
 * @param repair whether what differs is delivered again
 * @param dryRun whether it only says what a repair would do
 * @param only the keys to look at; all of them if it is empty
 * @param rate how many changes a repair delivers per second at most
 * @param limit how many differences a repair may mend; with more of them it mends none
 */
public record RunRequest(
        boolean hot, int sample, boolean repair, boolean dryRun, List<String> only, double rate, long limit) {
    public static final double RATE_DEFAULT = 50;
    public static final long LIMIT_DEFAULT = 1_000;
    /** Nothing else is committed meanwhile. */
    private static final int CHANGES_AT_ONCE_MAX = 100;
    /** Beyond this a repair commits at once what it has. */
    static final long BYTES_AT_ONCE = 1 << 20;
    /** The keys of a sample are in memory while they are chosen. */
    public static final int SAMPLE_MAX = 1_000_000;

    /** Compares all keys and changes nothing. */
    public static final RunRequest LOOK =
            new RunRequest(false, 0, false, false, List.of(), RATE_DEFAULT, LIMIT_DEFAULT);

    /** Compares recent keys and changes nothing. */
    static final RunRequest LOOK_AT_RECENT =
            new RunRequest(true, 0, false, false, List.of(), RATE_DEFAULT, LIMIT_DEFAULT);

    public RunRequest {
        only = List.copyOf(only);
        if (sample < 0 || sample > SAMPLE_MAX) {
            throw new IllegalArgumentException("sample must be a number of keys from 1 to " + SAMPLE_MAX);
        }
        if (sample > 0 && (hot || !only.isEmpty())) {
            throw new IllegalArgumentException("sample takes random keys: leave hot and only out");
        }
    }

    /** Compares so many random keys and changes nothing. */
    static RunRequest lookAt(int sample) {
        return new RunRequest(false, sample, false, false, List.of(), RATE_DEFAULT, LIMIT_DEFAULT);
    }

    /** The same for all keys. */
    RunRequest full() {
        return new RunRequest(false, 0, repair, dryRun, only, rate, limit);
    }

    /** The word for what it compares: all, hot, sample or only. */
    String kind() {
        if (hot) {
            return "hot";
        }
        return sample > 0 ? "sample" : only.isEmpty() ? "all" : "only";
    }

    boolean isOfAll() {
        return kind().equals("all");
    }

    /** How many changes a repair commits at once: those of a tenth of a second, so that they keep the rate. */
    int changesAtOnce() {
        return rate <= 0 ? CHANGES_AT_ONCE_MAX : (int) Math.max(1, Math.min(CHANGES_AT_ONCE_MAX, rate / 10));
    }

    boolean mends() {
        return repair && !dryRun;
    }
}
