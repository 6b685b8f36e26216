package dev.serai.ledger;

import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.audit.AuditQuery;
import dev.serai.ledger.write.WorkWrite;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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

    private final ShardMap shards;

    AuditLog(ShardMap shards) {
        this.shards = shards;
    }

    /** Adds an entry, at the ledger's time. Completes when it is durable or cannot become so, which is logged; it never fails. */
    public CompletableFuture<Void> append(AuditEntry entry) {
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
        WorkWrite<Boolean> write = new WorkWrite<>(true, transaction -> {
            transaction.audit(now, oldest(now.at()), ENTRIES_MAX);
            return true;
        });
        shards.first().writer().submit(write);
        return write.done().orTimeout(SECONDS_MAX, TimeUnit.SECONDS).handle((done, failure) -> {
            if (failure != null) {
                LOG.warn(
                        "What {} did is in this log alone, since the ledger could not be written: {}",
                        now.actor(),
                        failure.toString());
            }
            return null;
        });
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
