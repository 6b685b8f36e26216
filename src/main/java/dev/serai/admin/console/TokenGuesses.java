package dev.serai.admin.console;

import dev.serai.http.Problem;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the requests with a wrong admin token, and says so in the log once a minute at most. After {@value #MINUTE_MAX} in a
 * minute each further one is answered late, so that guesses take their time. The right token is never refused.
 *
 * <p>Threads: one, the event loop.
 */
public final class TokenGuesses {
    public static final Problem TOO_MANY =
            Problem.of(429, "too many requests with a wrong admin token; wait a minute", Duration.ofMinutes(1));

    private static final Logger LOG = LoggerFactory.getLogger(TokenGuesses.class);
    private static final int MINUTE_MAX = 20;
    private static final long MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private long minuteBegan = System.nanoTime() - MINUTE_NANOS;
    private long inMinute;

    /** Counts one more; returns whether there were too many in this minute. */
    public boolean isTooMany(String peer) {
        long now = System.nanoTime();
        if (now - minuteBegan >= MINUTE_NANOS) {
            LOG.warn(
                    "{} sent a wrong admin token{}",
                    peer,
                    inMinute > 1 ? "; before, " + inMinute + " requests did within a minute" : "");
            minuteBegan = now;
            inMinute = 0;
        }
        inMinute++;
        if (inMinute == MINUTE_MAX + 1) {
            LOG.warn(
                    "More than {} requests within a minute had a wrong admin token, the last from {}; further ones are answered late",
                    MINUTE_MAX,
                    peer);
        }
        return inMinute > MINUTE_MAX;
    }
}
