package dev.serai.ledger.write;

import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.Transaction;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits a group of writes in one transaction and tells each of them how it ended.
 *
 * <p>Promise: a write that throws is refused alone; the others of its group are committed, in order.
 *
 * <p>Threads: the writer's.
 */
final class GroupCommit {
    private static final Logger LOG = LoggerFactory.getLogger(GroupCommit.class);

    private final Store store;
    private final Consumer<List<Entry>> afterCommit;
    private final RefusalLog refusals;

    GroupCommit(Store store, Consumer<List<Entry>> afterCommit, RefusalLog refusals) {
        this.store = store;
        this.afterCommit = afterCommit;
        this.refusals = refusals;
    }

    /** Commits the writes and removes them from the group; throws {@link StoreException} with the rest still in it. */
    void commit(List<Write> group) {
        commitFirst(group, group.size());
    }

    /** If the commit throws, halves of the group are committed until the write at fault is alone. */
    private void commitFirst(List<Write> group, int count) {
        List<Write> writes = List.copyOf(group.subList(0, count));
        try {
            commitTogether(writes);
        } catch (StoreException e) {
            throw e;
        } catch (RuntimeException e) {
            if (count == 1) {
                group.remove(0);
                refuse(writes.get(0), e);
            } else {
                commitFirst(group, count / 2);
                commitFirst(group, count - count / 2);
            }
            return;
        }
        group.subList(0, count).clear();
        tell(writes);
    }

    private void commitTogether(List<Write> writes) {
        try (Transaction transaction = store.begin()) {
            for (Write write : writes) {
                write.apply(transaction);
            }
            transaction.commit();
        }
    }

    private void refuse(Write write, RuntimeException e) {
        refusals.add(write, e);
        guarded(write, () -> write.refused(e));
    }

    private void tell(List<Write> writes) {
        List<Entry> added = new ArrayList<>();
        Map<Executor, List<AcceptWrite>> byLoop = new IdentityHashMap<>();
        for (Write write : writes) {
            guarded(write, write::durable);
            if (write instanceof AcceptWrite accept) {
                added.addAll(accept.added());
                if (accept.loop() != null) {
                    byLoop.computeIfAbsent(accept.loop(), none -> new ArrayList<>())
                            .add(accept);
                }
            }
        }
        byLoop.forEach(GroupCommit::complete);
        if (!added.isEmpty()) {
            afterCommit.accept(added);
        }
        for (Write write : writes) {
            guarded(write, write::committed);
        }
    }

    /** With one task for all, since each would have to wake the loop. */
    private static void complete(Executor loop, List<AcceptWrite> writes) {
        guarded(
                writes.get(0),
                () -> loop.execute(() -> {
                    for (AcceptWrite write : writes) {
                        guarded(write, write::complete);
                    }
                }));
    }

    /** Runs a step that concerns one write alone: an exception in it must not reach the others. */
    static void guarded(Write write, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            LOG.error("A step after a write to the ledger failed: {}", write, e);
        }
    }
}
