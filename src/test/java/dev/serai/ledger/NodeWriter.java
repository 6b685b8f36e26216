package dev.serai.ledger;

import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Limits;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.time.TimeSource;
import dev.serai.ledger.write.WorkWrite;
import dev.serai.ledger.write.Writer;
import java.util.List;
import java.util.function.Consumer;

/** The writer of a shard of a node in a {@link NodeWorld}, which gives it its turns. */
final class NodeWriter extends Writer {
    private static final long WAIT_MILLIS = 10_000;
    private static final long AGAIN_MILLIS = 50;

    private final NodeWorld world;
    private final NodeTime node;
    private boolean turning;
    private boolean over;
    private boolean started;
    private long triedMillis;

    NodeWriter(
            NodeWorld world,
            NodeTime node,
            Store store,
            Limits limits,
            TimeSource time,
            Consumer<List<Entry>> afterCommit) {
        super(store, limits, time, afterCommit);
        this.world = world;
        this.node = node;
        node.add(this);
    }

    @Override
    public void start() {
        started = true;
    }

    boolean isReady() {
        if (over || turning || !started) {
            return false;
        }
        return trouble().isEmpty() ? hasWork() : world.nowMillis() - triedMillis >= AGAIN_MILLIS;
    }

    boolean isOver() {
        return over;
    }

    void turnOnce() {
        if (turning || over || node.isDead()) {
            return;
        }
        turning = true;
        triedMillis = world.nowMillis();
        try {
            over = !turn();
        } finally {
            turning = false;
        }
    }

    /** The others of its node stand still meanwhile. */
    @Override
    public <T> T await(WorkWrite<T> write) {
        long deadline = node.monotonicMillis() + WAIT_MILLIS;
        while (!write.done().isDone() && node.monotonicMillis() < deadline && !node.isDead()) {
            turnOnce();
            if (!write.done().isDone()) {
                world.awaitOthers(node);
            }
        }
        if (!write.done().isDone()) {
            throw new StoreException("the ledger did not write within 10 s");
        }
        return super.await(write);
    }

    @Override
    public void close() {
        super.close();
        long deadline = node.monotonicMillis() + WAIT_MILLIS;
        while (!over && node.monotonicMillis() < deadline && !node.isDead()) {
            turnOnce();
            if (!over) {
                world.awaitOthers(node);
            }
        }
    }
}
