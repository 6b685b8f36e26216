package dev.serai.reconcile.follow;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.ledger.DeliverySearch;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.ChangeQuery;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Operation;
import dev.serai.reconcile.book.Book;
import dev.serai.reconcile.book.Book.Followed;
import dev.serai.reconcile.book.Book.Given;
import dev.serai.reconcile.book.Book.GivenKind;
import dev.serai.reconcile.book.BookException;
import dev.serai.reconcile.state.RecordState;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a book up to date with the log of a flow. While nobody compares, what is read is written about once a minute, since that
 * costs more than reading it.
 *
 * <p>Threads: one at a time, but any may {@link #close} it.
 */
public abstract class LogFollower implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogFollower.class);
    static final int CHANGES_MAX = 500;
    static final long BYTES_MAX = 4 << 20;

    /** A target's position is saved about once a second. */
    private static final Duration POSITION_MAX = Duration.ofSeconds(5);

    private static final long POSITION_LOOK_MILLIS = 100;

    final Ledger ledger;
    final DeliverySearch log;
    final RecordState state;
    final Book book;
    final UnwrittenPart unwritten = new UnwrittenPart();
    private final String flow;
    private final Clock clock;

    /** @param state what is compared of a change */
    LogFollower(Ledger ledger, String flow, RecordState state, Book book, Clock clock) {
        this.ledger = ledger;
        this.log = ledger.search();
        this.flow = flow;
        this.state = state;
        this.book = book;
        this.clock = clock;
    }

    /** Empties a book that is of another ledger, for example because that was restored from a backup. */
    public final void checkLedger() {
        for (int shard = 0; shard < log.shards(); shard++) {
            Followed followed = book.log().followed(shard);
            if (followed == null || followed.sequence() <= log.deleted(shard, flow)) {
                continue;
            }
            Optional<Entry> there = ledger.change(flow, followed.sequence());
            if (there.isEmpty() || !there.get().change().id().equals(followed.id())) {
                LOG.warn(
                        "Reconciliation of {}: the ledger is not the one that was followed until change {}, so digests are made"
                                + " anew from its log",
                        flow,
                        followed.sequence());
                book.empty();
                return;
            }
        }
    }

    /** Reads on until everything that can be read now is in the book, or somebody interrupts. */
    public final void catchUp() throws InterruptedException {
        while (step()) {
            if (Thread.interrupted()) {
                throw new InterruptedException("stopped");
            }
        }
        write();
        revisit();
    }

    /**
     * Reads on until all was read that is accepted now, or a target's position does not follow for a while.
     *
     * @return what was accepted before that time was read
     */
    public final Instant catchUpWithNow() throws InterruptedException {
        Instant now = clock.instant();
        long[] newest = new long[log.shards()];
        for (int shard = 0; shard < newest.length; shard++) {
            newest[shard] = log.newest(shard, flow);
        }
        long giveUpAt = System.nanoTime() + POSITION_MAX.toNanos();
        catchUp();
        Instant read = readBefore(now, newest);
        while (read.isBefore(now) && System.nanoTime() - giveUpAt < 0) {
            TimeUnit.MILLISECONDS.sleep(POSITION_LOOK_MILLIS);
            catchUp();
            read = readBefore(now, newest);
        }
        return read;
    }

    private Instant readBefore(Instant now, long[] newest) {
        Instant read = now;
        for (int shard = 0; shard < newest.length; shard++) {
            Followed followed = book.log().followed(shard);
            boolean isBehind = newest[shard] > (followed == null ? 0 : followed.sequence());
            if (isBehind) {
                Instant upTo = followed == null ? beforeFirst(shard) : followed.acceptedAt();
                read = upTo.isBefore(read) ? upTo : read;
            }
        }
        return read;
    }

    /** Until then nothing was accepted, so there was nothing to read; long ago if that is not known. */
    private Instant beforeFirst(int shard) {
        List<Entry> first = log.deleted(shard, flow) > 0 ? List.of() : log.accepted(shard, flow, 0, 1, 0);
        return first.isEmpty() ? Instant.EPOCH : first.get(0).acceptedAt().minusMillis(1);
    }

    /** Reads on for this time at most; what was read is in the book then. */
    public final void follow(Duration max) {
        readAhead(max);
        write();
    }

    /** Reads on for this time at most; the book gets what was read later. */
    public final void readAhead(Duration max) {
        long endAt = System.nanoTime() + max.toNanos();
        boolean more = true;
        while (more && System.nanoTime() - endAt < 0) {
            more = step();
        }
    }

    /** Whether anything was ever accepted of the key, as far as that is known. */
    public final boolean isKnown(String key) {
        return book.find(List.of(key)).containsKey(key)
                || !ledger.changes(new ChangeQuery(flow, key, null, 1)).isEmpty();
    }

    /** Reads some changes of each shard; returns whether there may be more. */
    private synchronized boolean step() {
        boolean more = false;
        for (int shard = 0; shard < log.shards(); shard++) {
            if (unwritten.isDue()) {
                write();
            }
            Followed before = unwritten.upTo(shard);
            before = before == null ? book.log().followed(shard) : before;
            more |= step(shard, before == null ? 0 : before.sequence());
        }
        return more;
    }

    private synchronized void write() {
        unwritten.writeTo(book);
    }

    /** Reads some changes of a shard behind a sequence; returns whether there may be more. */
    abstract boolean step(int shard, long after);

    /** Closes the book, with all that was read in it if it can still be written. */
    @Override
    public final void close() {
        try {
            write();
        } catch (BookException e) { // it is read again
            LOG.debug("The book was not written at its end", e);
        }
        book.close();
    }

    /** Looks again at what was not decided when it was read. */
    void revisit() {}

    /**
     * Notes that retention had deleted changes before they were read, if it has.
     *
     * @param next the first change that is read now; null if none is
     */
    final void noteGap(int shard, long after, @Nullable Entry next) {
        boolean isRead = next != null;
        Instant nextAccepted = next == null ? clock.instant() : next.acceptedAt();
        if (log.deleted(shard, flow) > after && (isRead || book.gap().isNone())) {
            LOG.warn(
                    "Reconciliation of {}: changes from before {} were deleted by retention before their digests were made,"
                            + " so keys that were not changed since are not compared",
                    flow,
                    nextAccepted);
            book.gap().note(nextAccepted);
        }
    }

    /** What a change says of its key. */
    public static Given given(Entry entry, Instant finishedAt, RecordState state) {
        GivenKind kind = GivenKind.DELETED;
        byte[] digest = null;
        if (entry.damage() != null) {
            kind = GivenKind.UNREADABLE;
        } else if (entry.change().operation() != Operation.DELETE) {
            JsonNode found = state.ofBody(entry.change().body());
            kind = found == null ? GivenKind.UNREADABLE : GivenKind.STATE;
            digest = found == null ? null : RecordState.digest(found);
        }
        return new Given(entry.change().key(), 0, entry.sequence(), entry.acceptedAt(), finishedAt, kind, digest);
    }
}
