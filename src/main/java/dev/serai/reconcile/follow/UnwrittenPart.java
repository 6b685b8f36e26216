package dev.serai.reconcile.follow;

import dev.serai.ledger.model.Entry;
import dev.serai.reconcile.book.Book;
import dev.serai.reconcile.book.Book.Followed;
import dev.serai.reconcile.book.Book.Given;
import dev.serai.reconcile.book.Book.Unsettled;
import dev.serai.reconcile.book.LogPart;
import java.time.Duration;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was read of the log and is not in the book yet. Of a key that changes often only the newest state is written, and a page of
 * the book is written once for many keys. A kill loses nothing: the log is read again from where the book ends.
 *
 * <p>Threads: one at a time.
 */
final class UnwrittenPart {
    /** Of each change a digest and a key are kept here, and not its body. */
    static final int CHANGES_MAX = 20_000;

    /** Retention may delete what is read here and not written when the process is killed. */
    static final Duration AGE_MAX = Duration.ofSeconds(60);

    private final Map<Integer, Followed> upTo = new HashMap<>();
    private final Map<String, Given> newest = new HashMap<>();
    private final List<Unsettled> unsettled = new ArrayList<>();
    private final List<Map.Entry<String, @Nullable String>> versions = new ArrayList<>();
    private int changes;
    private long since;

    /** The change up to which the log of a shard was read; null if nothing of it is here. */
    @Nullable Followed upTo(int shard) {
        return upTo.get(shard);
    }

    /** Some changes of a shard were read, the last of which is this one. */
    void read(int shard, int read, Entry last) {
        if (changes == 0) {
            since = System.nanoTime();
        }
        changes += read;
        upTo.put(shard, new Followed(last.sequence(), last.change().id(), last.acceptedAt()));
    }

    void taken(Given given) {
        newest.put(given.key(), given);
    }

    void isUnsettled(Entry entry) {
        unsettled.add(new Unsettled(entry.sequence(), entry.change().key(), entry.acceptedAt()));
    }

    void hasVersion(String key, @Nullable String version) {
        versions.add(new AbstractMap.SimpleEntry<>(key, version));
    }

    /** Whether it is time to write it. */
    boolean isDue() {
        return changes >= CHANGES_MAX || changes > 0 && System.nanoTime() - since >= AGE_MAX.toNanos();
    }

    /** Writes it; it stays here if that fails. */
    void writeTo(Book book) {
        if (changes == 0) {
            return;
        }
        book.follow(new LogPart(upTo, newest.values(), unsettled, versions));
        upTo.clear();
        newest.clear();
        unsettled.clear();
        versions.clear();
        changes = 0;
    }
}
