package dev.serai.ledger.stuck;

import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The hashes of the keys that are held back, in bounded memory: so many are known for sure, and of all further ones a filter
 * tells that they may be held. What may be held is looked up in the store by the write that parks its change.
 *
 * <p>The filter does not forget. It is replaced by a new one, read from the store, once there is room again.
 *
 * <p>Threads: used under its dispatcher's lock.
 */
public final class HeldKeys {
    /** With a million further keys for 200,000 sure ones, less than one other key in a hundred is taken for held. */
    private static final long FILTER_BITS = 128;

    private final IntSupplier sureMax;
    private final LongSet sure = new LongSet();
    private @Nullable KeyFilter filter;
    /** What the next filter must know beside what the store holds. */
    private @Nullable KeyFilter added;

    /** @param sureMax how many may be known for sure now */
    public HeldKeys(IntSupplier sureMax) {
        this.sureMax = sureMax;
    }

    public void add(long keyHash) {
        if (sure.contains(keyHash)) {
            return;
        }
        int most = sureMax.getAsInt();
        if (sure.size() < most) {
            sure.add(keyHash);
            return;
        }
        if (filter == null) {
            filter = new KeyFilter(FILTER_BITS * most);
        }
        filter.add(keyHash);
        if (added != null) {
            added.add(keyHash);
        }
    }

    public void remove(long keyHash) {
        sure.remove(keyHash);
    }

    /** Whether the key is held, or may be. */
    public boolean contains(long keyHash) {
        return sure.contains(keyHash) || filter != null && filter.mayContain(keyHash);
    }

    public boolean isSure(long keyHash) {
        return sure.contains(keyHash);
    }

    public boolean isEmpty() {
        return sure.size() == 0 && filter == null;
    }

    /** Whether a filter read anew would know much better. */
    public boolean isFilterOld() {
        return filter != null && added == null && sure.size() <= sureMax.getAsInt() / 2;
    }

    /** Starts a new filter; returns it for the keys that the store holds, or null if there is none to replace. */
    public @Nullable KeyFilter startFilter() {
        added = filter == null ? null : filter.emptyCopy();
        return filter == null ? null : filter.emptyCopy();
    }

    /** @param stored the new filter with the keys that the store holds, or null if they could not be read */
    public void endFilter(@Nullable KeyFilter stored) {
        if (stored != null && added != null) {
            stored.addAll(added);
            filter = stored.isEmpty() ? null : stored;
        }
        added = null;
    }
}
