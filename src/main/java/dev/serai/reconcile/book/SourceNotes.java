package dev.serai.reconcile.book;

import dev.serai.ledger.model.VersionOrder;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What only the book of a source has: the versions that were accepted, which are known when retention has deleted the changes, and
 * what suspected keys showed when they were looked at last, as digests, so that a later look can tell whether that is still so.
 *
 * <p>Threads: safe.  <p>Throws: {@link BookException}.
 */
public final class SourceNotes {
    private static final byte[] NOTHING = {};
    private static final String VERSION = "SELECT version FROM version WHERE key = ?";

    private final BookFile file;

    SourceNotes(BookFile file) {
        this.file = file;
        file.write(in -> {
            in.update("CREATE TABLE IF NOT EXISTS seen (key TEXT PRIMARY KEY, digest BLOB NOT NULL) WITHOUT ROWID");
            return in.update(
                    "CREATE TABLE IF NOT EXISTS version (key TEXT PRIMARY KEY, version TEXT NOT NULL) WITHOUT ROWID");
        });
    }

    /** Forgets all. */
    void empty(BookFile in) throws SQLException {
        in.update("DELETE FROM seen");
        in.update("DELETE FROM version");
    }

    // ---- Versions

    /** @param versions of keys of which a change was accepted, in their order; null of one without a version */
    public void accepted(Iterable<Map.Entry<String, @Nullable String>> versions) {
        file.write(in -> {
            for (Map.Entry<String, @Nullable String> one : versions) {
                accepted(in, one.getKey(), one.getValue());
            }
            return true;
        });
    }

    private static void accepted(BookFile in, String key, @Nullable String version) throws SQLException {
        if (version == null) {
            in.update("DELETE FROM version WHERE key = ?", key);
            return;
        }
        String before = in.first(VERSION, row -> row.getString(1), key);
        if (before == null || VersionOrder.compare(version, before) > 0) {
            in.update("INSERT OR REPLACE INTO version (key, version) VALUES (?, ?)", key, version);
        }
    }

    /** The highest version of a key that was accepted since its last change without one; null if that is not known. */
    public @Nullable String version(String key) {
        return file.first(VERSION, row -> row.getString(1), key);
    }

    // ---- What suspected keys showed

    /** @param digests by key; null of a key that is not there */
    public void seen(Map<String, byte @Nullable []> digests) {
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

    public void forgetSeen() {
        file.write(in -> in.update("DELETE FROM seen"));
    }
}
