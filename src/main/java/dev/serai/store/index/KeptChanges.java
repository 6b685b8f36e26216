package dev.serai.store.index;

import dev.serai.store.jdbc.Session;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Which changes of a range of sequences are in the log, read in small steps.
 *
 * <p>Memory: at most a bit for each sequence, and little where few are kept.
 *
 * <p>Threads: one thread, the writer.
 */
final class KeptChanges {
    private static final int READ = 500;
    private static final int PART_BITS = 16;

    private final Map<Long, BitSet> parts = new HashMap<>();
    private final long to;
    private long read;
    private boolean complete;

    KeptChanges(long from, long to) {
        this.read = from - 1;
        this.to = to;
    }

    /** Reads on; returns the number of changes read. */
    int step(Session session) {
        int[] count = new int[1];
        session.each(
                "changesIn",
                row -> {
                    read = row.getLong("seq");
                    parts.computeIfAbsent(read >> PART_BITS, none -> new BitSet())
                            .set(inPart(read));
                    count[0]++;
                    return true;
                },
                read,
                to,
                READ);
        complete = count[0] < READ;
        return count[0];
    }

    boolean isComplete() {
        return complete;
    }

    boolean contains(long sequence) {
        BitSet part = parts.get(sequence >> PART_BITS);
        return part != null && part.get(inPart(sequence));
    }

    private static int inPart(long sequence) {
        return (int) sequence & (1 << PART_BITS) - 1;
    }
}
