package dev.serai.ledger;

import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Limits;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.time.TimeSource;
import dev.serai.ledger.write.WorkWrite;
import dev.serai.ledger.write.Writer;
import java.util.List;
import java.util.function.Consumer;

/** A writer without a thread: tests and callers that wait for a write call its steps. */
public final class SteppedWriter extends Writer {
    private static final int STEPS_MAX = 1_000;
    private final Runnable meanwhile;
    private boolean stepping;

    /** @param meanwhile lets a moment pass while someone waits for a write */
    SteppedWriter(Store store, Limits limits, TimeSource time, Consumer<List<Entry>> afterCommit, Runnable meanwhile) {
        super(store, limits, time, afterCommit);
        this.meanwhile = meanwhile;
    }

    @Override
    public void start() {}

    /** Runs one step, unless one is running: there is only one writer. */
    public void stepOnce() {
        if (!stepping) {
            stepping = true;
            try {
                step();
            } finally {
                stepping = false;
            }
        }
    }

    @Override
    public <T> T await(WorkWrite<T> write) {
        for (int i = 0; i < STEPS_MAX && !write.done().isDone(); i++) {
            stepOnce();
            meanwhile.run();
        }
        if (!write.done().isDone()) {
            throw new AssertionError("the writer does not finish a write: " + trouble());
        }
        return super.await(write);
    }

    @Override
    public void close() {
        for (int i = 0; i < 3; i++) {
            stepOnce();
        }
    }
}
