package dev.serai.ledger;

import dev.serai.ledger.cluster.ShardCalls;
import dev.serai.ledger.cluster.UnreadShards;
import dev.serai.ledger.model.Attempt;
import dev.serai.ledger.model.ChangeQuery;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.DeadLetter;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is read from all shards of a ledger and merged, whichever node has them. A list of one shard stays as it is. Shards whose
 * database is away are left out while others can be read: {@link #unread} and {@link #leftOutSince} say which.
 *
 * <p>Threads: safe.
 */
abstract class MergedReads {
    private static final Comparator<Entry> NEWEST_FIRST = Comparator.comparing(Entry::acceptedAt)
            .thenComparing(Entry::sequence)
            .reversed();

    final ShardMap shards;

    MergedReads(ShardMap shards) {
        this.shards = shards;
    }

    /**
     * The changes that match, newest first, without bodies and headers. Those of one shard stay in the order of their sequences.
     */
    public List<Entry> changes(ChangeQuery query) {
        String flow = query.flow();
        String key = query.key();
        if (flow != null && key != null) {
            return shards.of(flow, key).store().changes(query);
        }
        return merged(store -> store.changes(query), NEWEST_FIRST, query.limit());
    }

    /** One change with its body and headers. */
    public Optional<Entry> change(String flow, long sequence) {
        return shards.of(sequence).store().entry(sequence).filter(entry -> entry.change()
                .flow()
                .equals(flow));
    }

    /** The failed attempts to deliver a change, oldest first. */
    public List<Attempt> attempts(long sequence) {
        return shards.of(sequence).store().attempts(sequence);
    }

    /** See {@link Store#backup}; throws {@link LedgerException.Invalid} for a ledger of several shards. */
    public List<String> backup(Path file) {
        if (!shards.isOne()) {
            throw new LedgerException.Invalid(
                    "a ledger of several shards is not copied to one file: use the backup of its database");
        }
        return shards.first().store().backup(file);
    }

    /** As {@link Store#dead}: in the order of sequences, so that a page begins where the one before ended. */
    public List<DeadLetter> dead(DeliveryFilter filter, long afterSequence, int limit) {
        List<DeadLetter> all = merged(
                store -> store.dead(filter, afterSequence, limit),
                Comparator.comparingLong(DeadLetter::sequence),
                Integer.MAX_VALUE);
        int end = Math.min(limit, all.size());
        while (end > 0
                && end < all.size()
                && all.get(end).sequence() == all.get(end - 1).sequence()) {
            end++;
        }
        return all.subList(0, end);
    }

    public Optional<Cursor> cursor(String name) {
        return shards.ofCursor(name).store().cursor(name);
    }

    /** Those of sources. */
    public List<Cursor> cursors() {
        return merged(Store::cursors, Comparator.comparing(Cursor::name), Integer.MAX_VALUE).stream()
                .filter(cursor -> !Cursor.isHidden(cursor.name()))
                .toList();
    }

    /** What was found damaged since the start. */
    public Store.Damage damage() {
        long count = 0;
        Instant since = null;
        String latest = null;
        for (Shard shard : shards.all()) {
            Store.Damage damage = shard.store().damage();
            count += damage.count();
            boolean earlier =
                    damage.since() != null && (since == null || damage.since().isBefore(since));
            since = earlier ? damage.since() : since;
            latest = damage.latest() == null ? latest : damage.latest();
        }
        return new Store.Damage(count, since, latest);
    }

    /** The room on disk, or empty if it cannot be known of all shards. */
    public Optional<Store.Space> space() {
        Store.Space sum = null;
        for (Shard shard : shards.reads().isWhole() ? shards.all() : List.<Shard>of()) {
            Store.Space space = shard.store().space();
            if (space == null) {
                return Optional.empty();
            }
            sum = sum == null ? space : sum.plus(space);
        }
        return Optional.ofNullable(sum);
    }

    /** The shards that cannot be read now, although others can: it looks at each database. */
    public List<UnreadShards> unread() {
        return shards.reads().unread();
    }

    /** What a read finds that leaves no shard out; throws {@link StoreException} if it does. */
    public <T> T whole(Supplier<T> read) {
        return shards.reads().whole(read);
    }

    /** A moment, for {@link #leftOutSince}. */
    public long mark() {
        return shards.reads().mark();
    }

    /** What reads of any caller left out since a moment. */
    public List<UnreadShards> leftOutSince(long mark) {
        return shards.reads().leftOutSince(mark);
    }

    /** Whether changes can be accepted: of all keys, or at least of those in databases that are not away. */
    public boolean isWritable() {
        return shards.isWritable();
    }

    /** One line that says why writes fail. */
    public Optional<String> trouble() {
        return shards.trouble();
    }

    /** Completes with the reason if a writer ends unexpectedly, see {@link Ledger#fail}. The process must then be restarted. */
    public CompletableFuture<String> writerEnd() {
        return shards.writerEnd();
    }

    /** How many writes were refused since the start because they threw an exception. */
    public long refusedWrites() {
        return shards.refusedWrites();
    }

    /** Whether this node has the shard of a cursor, and so may run the source that it is of. */
    public boolean isOwnCursor(String name) {
        return shards.ofCursor(name).isOwn();
    }

    /** Whether this node has the first shard, and so does what one of the nodes is to do. */
    public boolean isFirstOwn() {
        return shards.first().isOwn();
    }

    /**
     * Asks a part of the node that has the first shard, which is another one, see {@link ShardCalls#ask}.
     *
     * @throws LedgerException.Overloaded if no node is known to have it at the moment
     */
    public CompletableFuture<String> askFirst(String part, String text) {
        return shards.first().owner().ask(part, text);
    }

    ShardMap shards() { // for tests that look into a shard
        return shards;
    }

    private <T> List<T> merged(Function<Store, List<T>> read, Comparator<T> order, int limit) {
        if (shards.isOne()) {
            return read.apply(shards.first().store());
        }
        List<Deque<T>> lists = shards.read(shard -> new ArrayDeque<>(read.apply(shard.store())));
        List<T> merged = new ArrayList<>();
        Deque<T> next = first(lists, order);
        while (next != null && merged.size() < limit) {
            merged.add(next.remove());
            next = first(lists, order);
        }
        return merged;
    }

    /** The list whose first element comes first, or null if all are empty. */
    private static <T> @Nullable Deque<T> first(List<Deque<T>> lists, Comparator<T> order) {
        return lists.stream()
                .filter(list -> !list.isEmpty())
                .min((one, other) -> order.compare(one.element(), other.element()))
                .orElse(null);
    }
}
