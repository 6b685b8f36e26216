package dev.serai.ledger;

import dev.serai.ledger.audit.ActionEnd;
import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.audit.AuditQuery;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.write.WorkWrite;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who did what: kept in the first shard for {@value #DAYS_MAX} days, and at most a million entries. Each entry is a line of the
 * log as well.
 *
 * <p>Threads: safe.
 */
public final class AuditLog {
    static final long DAYS_MAX = 400;

    private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);
    private static final long ENTRIES_MAX = 1_000_000;
    /** A ledger that cannot be written holds no action up for longer. */
    private static final int SECONDS_MAX = 5;

    private static final int RUNNING_STEP = 100;

    private final ShardMap shards;
    private final AtomicLong written = new AtomicLong();
    /** What began to run since the start and has not ended; it is noted before anybody can read it. */
    private final Set<Long> own = ConcurrentHashMap.newKeySet();

    private volatile boolean isStopped;

    AuditLog(ShardMap shards) {
        this.shards = shards;
    }

    /** The entry of work that has begun. */
    public final class OpenEntry {
        private final AuditEntry entry;
        private final CompletableFuture<Long> id;

        private OpenEntry(AuditEntry entry, CompletableFuture<Long> id) {
            this.entry = entry;
            this.id = id;
        }

        /**
         * Notes how the work ended. Completes when that is durable, or cannot become so now: then it is written when the ledger can be
         * written again. It never fails.
         */
        public CompletableFuture<Void> end(ActionEnd how) {
            AuditEntry ended = entry.ended(how);
            LOG.info(
                    "{}: {} {} has ended{}: {}",
                    ended.actor(),
                    ended.action(),
                    ended.what(),
                    ended.count() == null ? "" : " with " + ended.count(),
                    ended.outcome());
            return durable(
                    id.handle((known, failure) -> failure == null ? ended.withId(known) : ended)
                            .thenCompose(AuditLog.this::saveEnd),
                    ended);
        }
    }

    /** Adds an entry, at the ledger's time. Completes when it is durable or cannot become so, which is logged; it never fails. */
    public CompletableFuture<Void> append(AuditEntry entry) {
        AuditEntry now = atNow(entry);
        return durable(save(now), now);
    }

    /**
     * Adds the entry of work that is to begin; its outcome must begin with {@value AuditEntry#RUNNING}. Completes as {@link #append}
     * does.
     */
    public CompletableFuture<OpenEntry> begin(AuditEntry entry) {
        AuditEntry now = atNow(entry);
        CompletableFuture<Long> id = save(now);
        return durable(id, now).thenApply(done -> new OpenEntry(now, id));
    }

    private AuditEntry atNow(AuditEntry entry) {
        AuditEntry now = entry.at(shards.first().clock().instant());
        LOG.info(
                "{}: {} {}{}{}{}: {}",
                now.actor(),
                now.action(),
                now.what(),
                now.filter() == null ? "" : " " + now.filter(),
                now.count() == null ? "" : ", " + now.count(),
                now.reason() == null ? "" : ", because " + now.reason(),
                now.outcome());
        return now;
    }

    private CompletableFuture<Long> save(AuditEntry now) {
        return write(now, id -> {
                    if (now.isRunning()) {
                        own.add(id);
                    }
                })
                .whenComplete((id, failure) -> written.addAndGet(failure == null ? 1 : 0));
    }

    /** Is written when the ledger can be written again, if it cannot now. */
    private CompletableFuture<Long> saveEnd(AuditEntry ended) {
        if (ended.id() == 0) { // its begin could not be written
            return save(ended);
        }
        Shard first = shards.first();
        if (!first.isOwn()) {
            return write(ended, id -> {}).whenComplete((id, failure) -> ended(ended.id()));
        }
        WorkWrite<Long> write = new WorkWrite<>(
                true, transaction -> transaction.audit(ended, oldest(ended.at()), ENTRIES_MAX), this::ended);
        first.writer().submit(write);
        return write.done();
    }

    private void ended(long id) {
        own.remove(id);
        written.incrementAndGet();
    }

    /** @param noted takes the id before anybody can read the entry, if this node writes it */
    private CompletableFuture<Long> write(AuditEntry entry, LongConsumer noted) {
        Shard first = shards.first();
        if (first.isOwn()) {
            return writeTo(first, entry, noted);
        }
        try {
            return first.owner().audit(entry).thenApply(id -> {
                noted.accept(id);
                return id;
            });
        } catch (LedgerException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Writes an entry of any node to the first shard, which this node has. */
    static CompletableFuture<Long> writeTo(Shard first, AuditEntry entry, LongConsumer noted) {
        WorkWrite<Long> write = new WorkWrite<>(true, transaction -> {
            long id = transaction.audit(entry, oldest(entry.at()), ENTRIES_MAX);
            noted.accept(id);
            return id;
        });
        first.writer().submit(write);
        return write.done();
    }

    private static CompletableFuture<Void> durable(CompletableFuture<Long> saved, AuditEntry entry) {
        return saved.copy().orTimeout(SECONDS_MAX, TimeUnit.SECONDS).handle((done, failure) -> {
            if (failure != null) {
                LOG.warn(
                        "What {} did is in this log alone for now, since the ledger could not be written: {}",
                        entry.actor(),
                        failure.toString());
            }
            return null;
        });
    }

    /**
     * Gives the entries that a stop or a crash left running their outcome: at the end of the replay that they go on as, else {@link
     * ActionEnd#INTERRUPTED}. It looks for them in the background.
     */
    void resume(Replays replays, ScheduledExecutorService scheduler) {
        isStopped = false;
        scheduler.execute(() -> {
            try {
                resume(replays);
            } catch (StoreException e) {
                if (!isStopped) {
                    LOG.warn(
                            "What the last stop interrupted is still called running, since it cannot be read: {}",
                            e.toString());
                    scheduler.schedule(() -> resume(replays, scheduler), SECONDS_MAX, TimeUnit.SECONDS);
                }
            }
        });
    }

    private void resume(Replays replays) {
        long next = Long.MAX_VALUE;
        for (List<AuditEntry> page = running(next); !page.isEmpty(); page = running(next)) {
            for (AuditEntry entry : page) {
                next = entry.id();
                if (!own.contains(entry.id())) {
                    OptionalLong replay = entry.replay();
                    CompletionStage<ActionEnd> end = replay.isPresent()
                            ? replays.earlierEnd(replay.getAsLong())
                            : CompletableFuture.completedFuture(ActionEnd.INTERRUPTED);
                    own.add(entry.id());
                    end.thenAccept(new OpenEntry(entry, CompletableFuture.completedFuture(entry.id()))::end);
                }
            }
        }
    }

    /** Notes the end of a replay that another node began here; that node may have stopped before. May block. */
    void replayEnded(long replay, ActionEnd end) {
        long next = Long.MAX_VALUE;
        for (List<AuditEntry> page = running(next); !page.isEmpty(); page = running(next)) {
            for (AuditEntry entry : page) {
                next = entry.id();
                if (entry.replay().equals(OptionalLong.of(replay))) {
                    new OpenEntry(entry, CompletableFuture.completedFuture(entry.id())).end(end);
                }
            }
        }
    }

    /** Reads nothing more in the background. */
    void stop() {
        isStopped = true;
    }

    private List<AuditEntry> running(long before) {
        return shards.first().store().audit(new AuditQuery(null, null, null, null, true, before, RUNNING_STEP));
    }

    /** How often an entry was added or ended since the start. */
    public long written() {
        return written.get();
    }

    /** The ids of the entries of work that goes on. */
    public Set<Long> running() {
        return Set.copyOf(own);
    }

    /** The entry with this id, if it is kept. */
    public Optional<AuditEntry> find(long id) {
        return list(new AuditQuery(null, null, null, null, id + 1, 1)).stream()
                .filter(entry -> entry.id() == id)
                .findFirst();
    }

    /** Newest first; nothing that is older than what is kept. */
    public List<AuditEntry> list(AuditQuery query) {
        Instant oldest = oldest(shards.first().clock().instant());
        @Nullable Instant since = query.since();
        return shards.first()
                .store()
                .audit(new AuditQuery(
                        since == null || since.isBefore(oldest) ? oldest : since,
                        query.until(),
                        query.actor(),
                        query.action(),
                        query.before(),
                        query.limit()));
    }

    private static Instant oldest(Instant now) {
        return now.minus(Duration.ofDays(DAYS_MAX));
    }
}
