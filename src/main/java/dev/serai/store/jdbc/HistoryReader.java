package dev.serai.store.jdbc;

import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.history.ChainRows.PeriodRow;
import dev.serai.ledger.history.ChainRows.ScoreRow;
import dev.serai.ledger.history.ChainWindow;
import dev.serai.ledger.history.HistoryCounts;
import dev.serai.ledger.history.HistoryPoint;
import dev.serai.ledger.history.HistoryQuery;
import dev.serai.ledger.history.HistoryReads;
import dev.serai.ledger.history.HistoryStep;
import dev.serai.ledger.history.StateChange;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of the history.
 *
 * <p>Threads: safe.
 */
public final class HistoryReader implements HistoryReads {
    private static final long MINUTE_MILLIS = Duration.ofMinutes(1).toMillis();

    private final Access access;
    private final ChainReader chains;

    /** Lends a session. */
    public interface Access {
        <T extends @Nullable Object> T read(Function<Session, T> question);
    }

    public HistoryReader(Access access) {
        this.access = access;
        this.chains = new ChainReader(access);
    }

    /** How a length is stored. */
    static int code(HistoryStep step) {
        return (int) step.length().toMinutes();
    }

    /** How a time is stored. */
    static long minutes(Instant time) {
        return Math.floorDiv(time.toEpochMilli(), MINUTE_MILLIS);
    }

    static Instant time(long minutes) {
        return Instant.ofEpochMilli(minutes * MINUTE_MILLIS);
    }

    @Override
    public List<HistoryPoint> points(HistoryQuery query) {
        long first = minutes(query.step().floor(query.since()));
        long last = minutes(query.step().floor(query.until().minusMillis(1)));
        if (first > last) {
            return List.of();
        }
        int step = code(query.step());
        Map<Long, HistoryCounts> points = new TreeMap<>();
        Session.Each add = row -> {
            points.merge(row.getLong("at"), counts(row), HistoryCounts::plus);
            return true;
        };
        String flow = query.flow();
        String target = query.target();
        access.read(session -> {
            if (flow == null) {
                session.each("history", add, first, step, last, step);
            } else if (target == null) {
                session.each("historyOfFlow", add, first, step, last, step, flow);
            } else {
                session.each("historyOfTarget", add, first, step, last, step, flow, flow, target);
            }
            return true;
        });
        List<HistoryPoint> found = new ArrayList<>(points.size());
        points.forEach((at, counts) -> found.add(new HistoryPoint(time(at), counts)));
        return found;
    }

    private static HistoryCounts counts(ResultSet row) throws SQLException {
        return new HistoryCounts(
                row.getLong("accepted"),
                row.getLong("duplicates"),
                row.getLong("delivered"),
                row.getLong("failed"),
                row.getLong("dead"),
                row.getLong("pending"),
                row.getLong("oldest"));
    }

    @Override
    public Optional<Instant> oldest(HistoryStep step) {
        return access.read(session -> {
            @Nullable Long at = session.first("oldestHistory", row -> row.getLong("at"), code(step));
            return at == null ? Optional.empty() : Optional.of(time(at));
        });
    }

    @Override
    public List<StateChange> stateChanges(
            @Nullable String flow, @Nullable String target, Instant since, Instant until, int limit) {
        long from = since.toEpochMilli();
        long to = until.toEpochMilli();
        return access.read(session ->
                session.list("stateChanges", HistoryReader::stateChange, from, to, flow, flow, target, target, limit));
    }

    @Override
    public List<StateChange> lastStates() {
        return access.read(session -> session.list("lastStates", HistoryReader::stateChange));
    }

    private static StateChange stateChange(ResultSet row) throws SQLException {
        return new StateChange(
                Objects.requireNonNull(Rows.instant(row, "at")),
                row.getString("flow"),
                row.getString("target"),
                row.getString("before"),
                row.getString("state"));
    }

    @Override
    public List<DeliveredCount> delivered() {
        return access.read(session -> session.list(
                "delivered",
                row -> new DeliveredCount(row.getString("flow"), row.getString("target"), row.getLong("delivered"))));
    }

    @Override
    public List<AuditEntry> audit(Instant since, Instant until, int limit) {
        return access.read(session -> AuditRows.between(session, since, until, limit));
    }

    // ---- Counted attempts

    @Override
    public Map<Integer, Long> transitions(
            ChainWindow window, String flow, String target, Instant since, Instant until) {
        return chains.transitions(window, flow, target, since, until);
    }

    @Override
    public Optional<Instant> oldestTransition(ChainWindow window) {
        return chains.oldestTransition(window);
    }

    @Override
    public List<PeriodRow> regimes(String flow, String target, int limit) {
        return chains.regimes(flow, target, limit);
    }

    @Override
    public List<ScoreRow> scores(String flow, String target, Instant since) {
        return chains.scores(flow, target, since);
    }
}
