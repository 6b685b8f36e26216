package dev.serai.connector.tcp;

import org.jspecify.annotations.Nullable;

/**
 * A frame and its answer.
 *
 * <p>Threads: safe.
 */
final class OwedAnswer {
    final byte[] frame;
    volatile byte @Nullable [] answer;

    OwedAnswer(byte[] frame) {
        this.frame = frame;
    }
}
