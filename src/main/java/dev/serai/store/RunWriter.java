package dev.serai.store;

import org.jspecify.annotations.Nullable;

/**
 * Writes a full generation as a run, some rows with each transaction, ids first and then keys, each in the order of their
 * hashes, so that every row is appended where the last one went.
 *
 * <p>Progress counts only once its transaction is committed. Threads: the writer's.
 */
final class RunWriter {
    private final Generation generation;
    private final int number;
    private int[] order = new int[0];
    private @Nullable Kind ordered;
    private int committed;
    private int written;
    private @Nullable Run finished;

    RunWriter(Generation generation, int number) {
        this.generation = generation;
        this.number = number;
    }

    /** Writes up to {@code rows} more rows, and the run itself after the last one. */
    void write(Session session, int rows) {
        int size = generation.size();
        int end = Math.min(committed + rows, 2 * size);
        for (int row = committed; row < end; row++) {
            Kind kind = row < size ? Kind.ID : Kind.KEY;
            int position = order(kind)[row % size];
            session.batch(
                    "insertRunEntry",
                    number,
                    kind.number(),
                    generation.hash(kind, position),
                    generation.sequence(position));
        }
        session.flush("insertRunEntry");
        written = end;
        finished = end == 2 * size ? finish(session) : null;
    }

    /** After the transaction's commit; returns the run if that finished it. */
    @Nullable Run committed() {
        committed = written;
        return finished;
    }

    private Run finish(Session session) {
        Bloom bloom = Bloom.forEntries(generation.size());
        for (int position = 0; position < generation.size(); position++) {
            bloom.add(generation.id(position));
        }
        Run run = new Run(number, generation.firstSequence(), generation.lastSequence(), false, bloom);
        session.update(
                "insertRun", number, run.fromSequence(), run.toSequence(), 2L * generation.size(), bloom.write());
        return run;
    }

    private int[] order(Kind kind) {
        if (ordered != kind) {
            order = generation.sorted(kind);
            ordered = kind;
        }
        return order;
    }
}
