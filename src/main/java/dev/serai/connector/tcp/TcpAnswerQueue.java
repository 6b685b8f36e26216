package dev.serai.connector.tcp;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The frames of one connection that wait for their answers, in the order in which they came.
 *
 * <p>Threads: one thread, but {@link Entry#answer} is set by any.
 */
final class TcpAnswerQueue {
    private static final int FRAMES_MAX = 256;
    private static final int BYTES_MAX = 1 << 20;

    /** A frame and its answer. */
    static final class Entry {
        final byte[] frame;
        volatile byte @Nullable [] answer;

        Entry(byte[] frame) {
            this.frame = frame;
        }
    }

    private final Deque<Entry> entries = new ArrayDeque<>();
    private long bytes;

    void add(Entry entry) {
        entries.add(entry);
        bytes += entry.frame.length;
    }

    /** Takes the first frame if it has its answer. */
    @Nullable Entry pollAnswered() {
        Entry first = entries.peek();
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
