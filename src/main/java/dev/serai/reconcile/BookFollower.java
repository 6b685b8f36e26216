package dev.serai.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.ledger.DeliverySearch;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.Store.Standing;
import dev.serai.ledger.model.TargetName;
import dev.serai.reconcile.book.Book;
import dev.serai.reconcile.book.Book.Followed;
import dev.serai.reconcile.book.Book.Given;
import dev.serai.reconcile.book.Book.GivenKind;
import dev.serai.reconcile.book.Book.Unsettled;
import dev.serai.reconcile.state.RecordState;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the book of a target up to date: reads the log behind the target's position, so that the delivery path has nothing to do
 * with it.
 *
 * <p>Threads: one at a time.
 */
final class BookFollower {
    private static final Logger LOG = LoggerFactory.getLogger(BookFollower.class);
    private static final int CHANGES_MAX = 500;
    private static final long BYTES_MAX = 4 << 20;

    /** A target's position is saved about once a second. */
    private static final Duration POSITION_MAX = Duration.ofSeconds(5);

    private static final long POSITION_LOOK_MILLIS = 100;

    private final Ledger ledger;
    private final DeliverySearch log;
    private final TargetName target;
    private final RecordState state;
    private final Book book;
    private final Clock clock;

    BookFollower(Ledger ledger, ReconcileFile file, Book book, Clock clock) {
        this.ledger = ledger;
        this.log = ledger.search();
        this.target = file.target();
        this.state = file.given();
        this.book = book;
        this.clock = clock;
    }

    /** Empties a book that is of another ledger, for example because that was restored from a backup. */
    void checkLedger() {
        for (int shard = 0; shard < log.shards(); shard++) {
            Followed followed = book.followed(shard);
            if (followed == null || followed.sequence() <= log.deleted(shard, target.flow())) {
                continue;
            }
            Optional<Entry> there = ledger.change(target.flow(), followed.sequence());
            if (there.isEmpty() || !there.get().change().id().equals(followed.id())) {
                LOG.warn(
                        "Reconciliation of {}: the ledger is not the one that was followed until change {}, so digests are made"
                                + " anew from its log",
                        target,
                        followed.sequence());
                book.empty();
                return;
            }
        }
    }

    /** Reads on until everything that is settled now was read, or somebody interrupts. */
    void catchUp() throws InterruptedException {
        while (step()) {
            if (Thread.interrupted()) {
                throw new InterruptedException("stopped");
            }
        }
        revisit();
    }

    /**
     * Reads on until all was read that is accepted now, or the target's position does not follow for a while.
     *
     * @return what was accepted before that time was read
     */
    Instant catchUpWithNow() throws InterruptedException {
        Instant now = clock.instant();
        long[] newest = new long[log.shards()];
        for (int shard = 0; shard < newest.length; shard++) {
            newest[shard] = log.newest(shard, target.flow());
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
            Followed followed = book.followed(shard);
            boolean isBehind = newest[shard] > (followed == null ? 0 : followed.sequence());
            Instant upTo = followed == null ? Instant.EPOCH : followed.acceptedAt();
            read = isBehind && upTo.isBefore(read) ? upTo : read;
        }
        return read;
    }

    /** Reads on for this time at most. */
    void follow(Duration max) {
        long endAt = System.nanoTime() + max.toNanos();
        boolean more = true;
        while (more && System.nanoTime() - endAt < 0) {
            more = step();
        }
    }

    /** Reads some changes of each shard; returns whether there may be more. */
    private boolean step() {
        boolean more = false;
        for (int shard = 0; shard < log.shards(); shard++) {
            more |= step(shard);
        }
        return more;
    }

    private boolean step(int shard) {
        Followed before = book.followed(shard);
        long after = before == null ? 0 : before.sequence();
        List<Standing> page = log.passed(shard, target, after, CHANGES_MAX, BYTES_MAX);
        if (log.deleted(shard, target.flow()) > after) {
            book.incomplete();
        }
        if (page.isEmpty()) {
            return false;
        }
        List<Given> given = new ArrayList<>();
        List<Unsettled> unsettled = new ArrayList<>();
        for (Standing one : page) {
            DeliveryState was = one.delivery().state();
            if (was == DeliveryState.DELIVERED) {
                given.add(given(one.entry(), one.delivery(), state));
            } else if (!was.isSettled() || was == DeliveryState.DEAD) {
                unsettled.add(new Unsettled(
                        one.entry().sequence(),
                        one.entry().change().key(),
                        one.entry().acceptedAt()));
            }
        }
        Entry last = page.get(page.size() - 1).entry();
        Followed upTo = new Followed(last.sequence(), last.change().id(), last.acceptedAt());
        book.follow(shard, upTo, given, unsettled);
        return true;
    }

    /** What the target took with a change. */
    static Given given(Entry entry, Delivery delivery, RecordState state) {
        Instant finished = delivery.finishedAt();
        GivenKind kind = GivenKind.DELETED;
        byte[] digest = null;
        if (entry.damage() != null) {
            kind = GivenKind.UNREADABLE;
        } else if (entry.change().operation() != Operation.DELETE) {
            JsonNode found = state.ofBody(entry.change().body());
            kind = found == null ? GivenKind.UNREADABLE : GivenKind.STATE;
            digest = found == null ? null : RecordState.digest(found);
        }
        return new Given(
                entry.change().key(),
                0,
                entry.sequence(),
                entry.acceptedAt(),
                finished == null ? entry.acceptedAt() : finished,
                kind,
                digest);
    }

    /** Looks again at changes that were not settled when they were read. */
    void revisit() {
        long after = 0;
        List<Unsettled> page = book.unsettled(after, CHANGES_MAX);
        while (!page.isEmpty()) {
            List<Long> over = new ArrayList<>();
            List<Given> given = new ArrayList<>();
            for (Unsettled one : page) {
                Optional<Entry> entry = ledger.change(target.flow(), one.sequence());
                Optional<Delivery> delivery = entry.flatMap(this::delivery);
                DeliveryState now = delivery.map(Delivery::state).orElse(DeliveryState.DISCARDED);
                if (now == DeliveryState.DELIVERED && entry.isPresent()) {
                    given.add(given(entry.get(), delivery.get(), state));
                }
                if (now.isSettled() && now != DeliveryState.DEAD) {
                    over.add(one.sequence());
                }
            }
            book.settle(over, given);
            after = page.get(page.size() - 1).sequence();
            page = book.unsettled(after, CHANGES_MAX);
        }
    }

    private Optional<Delivery> delivery(Entry entry) {
        return ledger.deliveries(entry).stream()
                .filter(one -> one.target().equals(target))
                .findFirst();
    }
}
