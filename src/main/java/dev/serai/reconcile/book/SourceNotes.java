package dev.serai.reconcile.book;

import dev.serai.ledger.model.VersionOrder;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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

    private final BookTables file;

    SourceNotes(BookTables file) {
        this.file = file;
    }

    /** Forgets all. */
    void empty(BookTables in) throws SQLException {
        in.update("DELETE FROM seen");
        in.update("DELETE FROM version");
    }

    // ---- Versions

    /** See {@link LogPart#versions}. */
    void accepted(BookTables in, List<Map.Entry<String, @Nullable String>> versions) throws SQLException {
        if (versions.isEmpty()) {
            return;
        }
        Map<String, String> known = versions(in, versions);
        Map<String, @Nullable String> now = new TreeMap<>();
        for (Map.Entry<String, @Nullable String> one : versions) {
            String version = one.getValue();
            String before = now.containsKey(one.getKey()) ? now.get(one.getKey()) : known.get(one.getKey());
            if (version == null || before == null || VersionOrder.compare(version, before) > 0) {
                now.put(one.getKey(), version);
            }
        }
        List<@Nullable Object[]> gone = new ArrayList<>();
        List<@Nullable Object[]> set = new ArrayList<>();
        now.forEach((key, version) -> {
            if (version != null) {
                set.add(BookTables.row(key, version));
            } else if (known.containsKey(key)) {
                gone.add(BookTables.row(key));
            }
        });
        in.updateEach("DELETE FROM version WHERE key = ?", gone);
        in.updateEach(
                "INSERT INTO version (key, version) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET"
                        + " version = excluded.version",
                set);
    }

    private static Map<String, String> versions(BookTables in, List<Map.Entry<String, @Nullable String>> of) {
        Map<String, String> known = new HashMap<>();
        in.each(
                "SELECT v.key, v.version FROM " + in.keyList() + " CROSS JOIN version v WHERE v.key = j.value",
                row -> {
                    known.put(row.getString(1), row.getString(2));
                    return true;
                },
                BookTables.keys(of.stream().map(Map.Entry::getKey).distinct().toList()));
        return known;
    }

    /** The highest version of a key that was accepted since its last change without one; null if that is not known. */
    public @Nullable String version(String key) {
        return file.first(VERSION, row -> row.getString(1), key);
    }

    // ---- What suspected keys showed

    /** @param digests by key; null of a key that is not there */
    public void seen(Map<String, byte @Nullable []> digests) {
        file.writeEach(
                "INSERT INTO seen (key, digest) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET digest = excluded.digest",
                digests.entrySet().stream().map(SourceNotes::row).toList());
    }

    private static @Nullable Object[] row(Map.Entry<String, byte @Nullable []> one) {
        byte @Nullable [] digest = one.getValue();
        return BookTables.row(one.getKey(), digest == null ? NOTHING : digest);
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
