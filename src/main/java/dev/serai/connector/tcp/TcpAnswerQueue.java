package dev.serai.connector.tcp;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The frames of one connection that wait for their answers, in the order in which they came.
 *
 * <p>Threads: one thread, but {@link OwedAnswer#answer} is set by any.
 */
final class TcpAnswerQueue {
    private static final int FRAMES_MAX = 256;
    private static final int BYTES_MAX = 1 << 20;

    private final Deque<OwedAnswer> entries = new ArrayDeque<>();
    private long bytes;

    void add(OwedAnswer entry) {
        entries.add(entry);
        bytes += entry.frame.length;
    }

    /** Takes the first frame if it has its answer. */
    @Nullable OwedAnswer pollAnswered() {
        OwedAnswer first = entries.peek();
        if (first == null || first.answer == null) {
            return null;
        }
        entries.remove();
        bytes -= first.frame.length;
        return first;
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Whether another frame may be read. */
    boolean hasRoom() {
        return entries.size() < FRAMES_MAX && bytes < BYTES_MAX;
    }
}
