package dev.serai.ledger.dispatch;

import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Limits;
import dev.serai.ledger.model.TargetName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The dispatchers of this process. It notifies them of commits to their flows.
 *
 * <p>Threads: safe.
 */
public final class DispatcherRegistry {
    private static final Logger LOG = LoggerFactory.getLogger(DispatcherRegistry.class);

    private final Map<String, Map<String, Dispatcher>> byFlow = new ConcurrentHashMap<>();
    private final AtomicInteger size = new AtomicInteger();

    /** Adds a dispatcher; a target has at most one. */
    public void add(Dispatcher dispatcher) {
        TargetName name = dispatcher.name();
        Dispatcher other = byFlow.computeIfAbsent(name.flow(), flow -> new ConcurrentHashMap<>())
                .putIfAbsent(name.target(), dispatcher);
        if (other != null) {
            throw new IllegalStateException("target " + name.target() + " of flow " + name.flow()
                    + " is already consumed by another route; give each route its own target name");
        }
        size.incrementAndGet();
    }

    public void remove(Dispatcher dispatcher) {
        if (ofFlow(dispatcher.name().flow()).remove(dispatcher.name().target(), dispatcher)) {
            size.decrementAndGet();
        }
    }

    /** How much memory the changes of each target may take now. */
    public long windowBytes(Limits limits) {
        return Math.min(limits.windowBytesMax(), limits.windowsBytesMax() / Math.max(1, size.get()));
    }

    /** How many stuck keys each target may know for sure now. */
    public int heldKeys(Limits limits) {
        return Math.max(1, limits.heldKeysMax() / Math.max(1, size.get()));
    }

    public @Nullable Dispatcher find(TargetName name) {
        return ofFlow(name.flow()).get(name.target());
    }

    /** Notifies the dispatchers of the changes of one transaction; an empty list means that the store was reopened. */
    public void committed(List<Entry> entries) {
        if (entries.isEmpty()) {
            byFlow.values().forEach(flow -> flow.values().forEach(this::resync));
            return;
        }
        String only = entries.get(0).change().flow();
        if (entries.stream().allMatch(entry -> entry.change().flow().equals(only))) {
            ofFlow(only).values().forEach(dispatcher -> committed(dispatcher, entries));
            return;
        }
        Map<String, List<Entry>> split = new HashMap<>();
        for (Entry entry : entries) {
            split.computeIfAbsent(entry.change().flow(), flow -> new ArrayList<>())
                    .add(entry);
        }
        split.forEach((flow, some) -> ofFlow(flow).values().forEach(dispatcher -> committed(dispatcher, some)));
    }

    /** If a dispatcher fails, it reads the missed changes from the store, and the others are still notified. */
    private void committed(Dispatcher dispatcher, List<Entry> entries) {
        try {
            dispatcher.committed(entries);
        } catch (RuntimeException e) {
            LOG.error("{} failed to take new changes, reading them from the ledger", dispatcher.name(), e);
            resync(dispatcher);
        }
    }

    private void resync(Dispatcher dispatcher) {
        try {
            dispatcher.resync();
        } catch (RuntimeException e) {
            LOG.error("{} cannot continue, restart the node", dispatcher.name(), e);
        }
    }

    private Map<String, Dispatcher> ofFlow(String flow) {
        return byFlow.getOrDefault(flow, Map.of());
    }
}
