package dev.serai.ledger.delivery;

import dev.serai.ledger.time.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The latest attempts to deliver to a target, since the start of its route: whether it fails although it answers, and how many
 * changes it takes a minute.
 *
 * <p>Threads: safe.
 */
public final class RecentOutcomes {
    private static final int ATTEMPTS = 20;
    /** What happens more seldom is no chance. */
    private static final double CHANCE = 1e-5;

    private static final double SHARE_MIN = 0.01;
    private static final int FAILURES_MAX = 50;
    /** After so long a failure counts only if nothing has succeeded since. */
    private static final Duration FORGIVEN = Duration.ofMinutes(10);

    private static final int SECONDS = 60;
    /** Differs from failure to failure with the same cause. */
    private static final Pattern VARIABLE = Pattern.compile("[0-9a-fA-F-]{8,}|[0-9]+");

    private final TimeSource time;
    private final Deque<RecentAttempt> attempts = new ArrayDeque<>(ATTEMPTS);
    private final SecondCounts delivered = new SecondCounts();
    private final SecondCounts failed = new SecondCounts();

    /** @param error null for a success */
    private record RecentAttempt(
            long millis, Instant at, @Nullable String error) {}

    /**
     * What the attempts say.
     *
     * @param attempts how many are known, at most the latest {@value #ATTEMPTS}
     * @param failures how many of them failed
     * @param since when the first of those failed; null, like the reason, if none did
     * @param reason the most frequent one, in the words of the latest such failure
     * @param deliveredPerMinute changes delivered in the last minute
     * @param failedPerMinute attempts that failed in the last minute
     */
    public record Summary(
            int attempts,
            int failures,
            @Nullable Instant since,
            @Nullable String reason,
            long deliveredPerMinute,
            long failedPerMinute) {
        public static final Summary NONE = new Summary(0, 0, null, null, 0, 0);

        /** Whether at least a quarter of the attempts failed. */
        public boolean isFailing() {
            return failures > 0 && failures * 4 >= attempts;
        }
    }

    public RecentOutcomes(TimeSource time) {
        this.time = time;
    }

    /**
     * Adds an attempt.
     *
     * @param changes how many were sent together
     * @return whether it counts as a failure
     */
    public synchronized boolean add(Outcome outcome, int changes) {
        boolean isUnsent = outcome instanceof Outcome.Refused refused && !refused.wasSent();
        if (isUnsent || outcome instanceof Outcome.Filtered || outcome instanceof Outcome.Interrupted) {
            return false; // nothing was sent, or nothing is known
        }
        long now = time.monotonicMillis();
        boolean isSuccess = outcome instanceof Outcome.Delivered;
        (isSuccess ? delivered : failed).add(now / 1000, isSuccess ? changes : 1);
        if (attempts.size() == ATTEMPTS) {
            attempts.remove();
        }
        attempts.add(new RecentAttempt(now, time.instant(), isSuccess ? null : String.valueOf(outcome.error())));
        return !isSuccess;
    }

    /**
     * How many failures in a row are no chance, after one. Before it as large a part failed as of the latest {@value #ATTEMPTS} attempts, or
     * of those of the last minute.
     *
     * @return from 3 if nothing failed before to {@value #FAILURES_MAX}
     */
    public synchronized int failuresBeyondChance() {
        long before = attempts.stream().filter(one -> one.error != null).count() - 1;
        long second = time.monotonicMillis() / 1000;
        double ofMinute = failed.lastMinute(second) - 1.0;
        double all = Math.max(ATTEMPTS, ofMinute + delivered.lastMinute(second));
        double share = Math.max(SHARE_MIN, Math.max((double) before / ATTEMPTS, ofMinute / all));
        return share >= 1 ? FAILURES_MAX : (int) Math.min(FAILURES_MAX, Math.ceil(Math.log(CHANCE) / Math.log(share)));
    }

    public synchronized Summary summary() {
        long now = time.monotonicMillis();
        RecentAttempt last = attempts.peekLast();
        if (last != null && last.error == null) {
            while (attempts.element().millis < now - FORGIVEN.toMillis() && attempts.size() > 1) {
                attempts.remove();
            }
        }
        Map<String, Integer> causes = new HashMap<>();
        Instant since = null;
        String reason = null;
        int most = 0;
        int failures = 0;
        for (RecentAttempt attempt : attempts) {
            if (attempt.error == null) {
                continue;
            }
            since = since == null ? attempt.at : since;
            failures++;
            int count = causes.merge(VARIABLE.matcher(attempt.error).replaceAll("#"), 1, Integer::sum);
            if (count >= most) {
                most = count;
                reason = attempt.error;
            }
        }
        return new Summary(
                attempts.size(),
                failures,
                since,
                reason,
                delivered.lastMinute(now / 1000),
                failed.lastMinute(now / 1000));
    }

    /** A count for each of the last {@value #SECONDS} seconds. */
    private static final class SecondCounts {
        private final long[] seconds = new long[SECONDS];
        private final long[] counts = new long[SECONDS];

        void add(long second, long count) {
            int slot = Math.floorMod(second, SECONDS);
            if (seconds[slot] != second) {
                seconds[slot] = second;
                counts[slot] = 0;
            }
            counts[slot] += count;
        }

        long lastMinute(long second) {
            long sum = 0;
            for (int slot = 0; slot < SECONDS; slot++) {
                sum += seconds[slot] > second - SECONDS ? counts[slot] : 0;
            }
            return sum;
        }
    }
}
