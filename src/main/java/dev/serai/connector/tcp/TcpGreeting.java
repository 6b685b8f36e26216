package dev.serai.connector.tcp;

import java.time.Duration;

/**
 * What a target says on a new connection before it is asked. It must not be taken for an answer, which it would be if it came
 * right after the first text was sent.
 *
 * <p>Threads: safe.
 */
final class TcpGreeting {
    /** How long a new connection is listened to before the first text is sent, and after each part of a greeting. */
    static final Duration LISTEN = Duration.ofMillis(200);

    private volatile boolean isAwaited;
    private volatile boolean isExcluded;

    /** @param word true if the target always greets, false if it never does, auto if that is not known */
    void set(String word) {
        isAwaited = word.equals("true");
        isExcluded = word.equals("false");
        if (!isAwaited && !isExcluded && !word.equals("auto")) {
            throw new IllegalArgumentException("greeting must be true, false or auto, not " + word);
        }
    }

    /** Whether nothing is sent before it came. */
    boolean isAwaited() {
        return isAwaited;
    }

    /** Whether the first text is sent at once. */
    boolean isExcluded() {
        return isExcluded;
    }

    /** One came: the target greets every connection. */
    void came() {
        isAwaited = true;
    }
}
