package dev.serai.store.jdbc;

import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.audit.AuditQuery;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Writes and reads the rows of the audit. */
public final class AuditRows {
    /** So many old ones go with each new one at most. */
    private static final int TRIMMED_MAX = 100;

    private AuditRows() {}

    /** Adds an entry, and deletes the oldest ones if they are too old or too many; changes one that has an id. Returns its id. */
    public static long save(Session session, AuditEntry entry, Instant keptSince, long entriesMax) {
        if (entry.id() != 0) {
            session.update("endAudit", entry.count(), entry.outcome(), entry.id());
            return entry.id();
        }
        session.update(
                "saveAudit",
                entry.at().toEpochMilli(),
                entry.actor(),
                entry.action(),
                entry.what(),
                entry.filter(),
                entry.count(),
                entry.reason(),
                entry.outcome());
        session.update("trimAudit", TRIMMED_MAX, keptSince.toEpochMilli(), entriesMax);
        return session.number("lastAudit");
    }

    public static List<AuditEntry> list(Session session, AuditQuery query) {
        @Nullable Long since = Rows.millis(query.since());
        @Nullable Long until = Rows.millis(query.until());
        return session.list(
                "audit",
                AuditRows::read,
                query.before(),
                since == null ? Long.MIN_VALUE : since,
                until == null ? Long.MAX_VALUE : until,
                query.actor(),
                query.actor(),
                query.action(),
                query.action(),
                query.running() ? AuditEntry.RUNNING + "%" : "%",
                query.limit());
    }

    /** The newest within a time, newest first. */
    public static List<AuditEntry> between(Session session, Instant since, Instant until, int limit) {
        return session.list("auditBetween", AuditRows::read, since.toEpochMilli(), until.toEpochMilli(), limit);
    }

    private static AuditEntry read(ResultSet row) throws SQLException {
        long count = row.getLong("count");
        boolean counted = !row.wasNull();
        return new AuditEntry(
                row.getLong("id"),
                Objects.requireNonNull(Rows.instant(row, "at")),
                row.getString("actor"),
                row.getString("action"),
                row.getString("what"),
                row.getString("filter"),
                counted ? count : null,
                row.getString("reason"),
                row.getString("outcome"));
    }
}
