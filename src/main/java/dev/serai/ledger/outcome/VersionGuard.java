package dev.serai.ledger.outcome;

import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.VersionOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Knows the newest version of each key that a target was given, so that nothing older follows it.
 *
 * <p>The store has all of them; the last ones are remembered here as well, since their outcomes may not be durable yet.
 *
 * <p>Threads: safe.
 */
public final class VersionGuard {
    /** Far more than the outcomes that can be on their way to the store. */
    private static final int REMEMBERED = 65_536;

    private final TargetName target;
    private final Store store;
    private final Map<String, String> newest = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > REMEMBERED;
        }
    };

    public VersionGuard(TargetName target, Store store) {
        this.target = target;
        this.store = store;
    }

    /** The version delivered that is newer than the change's, or null; throws {@link StoreException}. */
    public @Nullable String newerThan(Change change) {
        String version = change.version();
        if (version == null) {
            return null;
        }
        String delivered = delivered(change.key());
        return delivered != null && VersionOrder.compare(version, delivered) < 0 ? delivered : null;
    }

    private @Nullable String delivered(String key) {
        String known = known(key);
        return known != null ? known : store.deliveredVersion(target, key).orElse(null);
    }

    private @Nullable String known(String key) {
        synchronized (newest) {
            return newest.get(key);
        }
    }

    /**
     * The newest version of the change's key that the target has, after {@link #delivered}; null if the change has none. The
     * outcome of a change may be written after that of a later one.
     */
    @Nullable String toStore(Change change) {
        return change.version() == null ? null : known(change.key());
    }

    private static String newer(String one, String other) {
        return VersionOrder.compare(one, other) > 0 ? one : other;
    }

    /** The target has the change. */
    public void delivered(Change change) {
        String version = change.version();
        if (version != null) {
            synchronized (newest) {
                newest.merge(change.key(), version, VersionGuard::newer);
            }
        }
    }
}
