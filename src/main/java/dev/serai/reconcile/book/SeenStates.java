package dev.serai.reconcile.book;

import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What suspected keys showed when they were looked at last, as digests, so that a later look can tell whether that is still so.
 *
 * <p>Threads: safe.  <p>Throws: {@link BookException}.
 */
public final class SeenStates {
    private static final byte[] NOTHING = {};

    private final BookFile file;

    SeenStates(BookFile file) {
        this.file = file;
        file.write(in -> in.update(
                "CREATE TABLE IF NOT EXISTS seen (key TEXT PRIMARY KEY, digest BLOB NOT NULL) WITHOUT ROWID"));
    }

    /** @param digests by key; null of a key that is not there */
    public void put(Map<String, byte @Nullable []> digests) {
        if (digests.isEmpty()) {
            return;
        }
        file.write(in -> {
            for (Map.Entry<String, byte @Nullable []> one : digests.entrySet()) {
                byte @Nullable [] digest = one.getValue();
                in.update(
                        "INSERT OR REPLACE INTO seen (key, digest) VALUES (?, ?)",
                        one.getKey(),
                        digest == null ? NOTHING : digest);
            }
            return true;
        });
    }

    /** Whether the key showed the same when it was looked at last. */
    public boolean isSame(String key, byte @Nullable [] digest) {
        byte[] before = file.first("SELECT digest FROM seen WHERE key = ?", row -> row.getBytes(1), key);
        return before != null && Arrays.equals(before, digest == null ? NOTHING : digest);
    }

    public void clear() {
        file.write(in -> in.update("DELETE FROM seen"));
    }
}
