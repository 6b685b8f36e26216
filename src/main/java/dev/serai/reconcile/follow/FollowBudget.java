package dev.serai.reconcile.follow;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * How long one file's books may follow the log, so that those of all files together take little of what deliveries need.
 *
 * <p>Threads: one thread.
 */
public final class FollowBudget {
    /** What all take together of the time of all processors. */
    static final double PART = 0.025;

    /** What is not used is saved up to this. */
    static final Duration SAVED_MAX = Duration.ofMillis(100);

    private final IntSupplier files;
    private final int processors;
    private final LongSupplier nanos;
    private double left;
    private long at;

    /** @param files how many have a budget now, at least 1 */
    public FollowBudget(IntSupplier files) {
        this(files, Runtime.getRuntime().availableProcessors(), System::nanoTime);
    }

    FollowBudget(IntSupplier files, int processors, LongSupplier nanos) {
        this.files = files;
        this.processors = processors;
        this.nanos = nanos;
        this.left = SAVED_MAX.toNanos();
        this.at = nanos.getAsLong();
    }

    /** Follows for the time that is left, if any is. What takes longer is taken off the next times. */
    public void spend(Consumer<Duration> follow) {
        long begin = nanos.getAsLong();
        left = Math.min(SAVED_MAX.toNanos(), left + (begin - at) * PART * processors / files.getAsInt());
        at = begin;
        if (left > 0) {
            follow.accept(Duration.ofNanos((long) Math.ceil(left)));
            left -= nanos.getAsLong() - begin;
        }
    }
}
