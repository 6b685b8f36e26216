package dev.serai.store;

import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.audit.AuditQuery;
import dev.serai.ledger.history.HistoryReads;
import dev.serai.ledger.model.Attempt;
import dev.serai.ledger.model.ChangeQuery;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.DeadLetter;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.DueChange;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.FlowCounts;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetCounts;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.time.SavedClock;
import dev.serai.store.index.ChangeSearch;
import dev.serai.store.jdbc.AuditRows;
import dev.serai.store.jdbc.Checksum;
import dev.serai.store.jdbc.HistoryReader;
import dev.serai.store.jdbc.LedgerFinding;
import dev.serai.store.jdbc.ReplayRows;
import dev.serai.store.jdbc.Rows;
import dev.serai.store.jdbc.Session;
import dev.serai.store.jdbc.StandingRead;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The read methods of the store. Each is one short read of committed data. */
abstract class JdbcReads implements Store {
    private static final int REPLAYS_MAX = 100;

    abstract <T extends @Nullable Object> T read(Function<Session, T> question);

    abstract ChangeSearch search();

    abstract DamageLog damages();

    @Override
    public Store.Damage damage() {
        return damages().damage();
    }

    @Override
    public boolean knows(TargetName target) {
        return read(session -> session.exists("knows", target.flow(), target.target()));
    }

    @Override
    public TargetCounts counts(TargetName target) {
        TargetCounts counts = read(session -> session.first("counts", Rows::counts, target.flow(), target.target()));
        if (counts == null) {
            throw new StoreException("target " + target + " does not exist");
        }
        return counts;
    }

    @Override
    public List<TargetName> targets() {
        return read(session -> session.list("targets", Rows::target));
    }

    @Override
    public List<FlowCounts> flows() {
        return read(session -> session.list(
                "flows",
                row -> new FlowCounts(row.getString("name"), row.getLong("accepted"), row.getLong("duplicates"))));
    }

    @Override
    public void heldKeys(TargetName target, HeldKey each) {
        read(session -> new HeldKeyRead(session, target, each).run());
    }

    @Override
    public List<Entry> pending(TargetName target, long after, int limit, long bytesMax) {
        return entries("pending", bytesMax, target.flow(), target.target(), after, limit);
    }

    @Override
    public List<Entry> accepted(String flow, long after, int limit, long bytesMax) {
        return entries("accepted", bytesMax, flow, after, limit);
    }

    private List<Entry> entries(String statement, long bytesMax, Object... parameters) {
        return read(session -> {
            List<Entry> found = new ArrayList<>();
            long[] bytes = new long[1];
            session.each(
                    statement,
                    row -> {
                        Entry entry = damages().note(Rows.entry(row, session.bodies()));
                        found.add(entry);
                        bytes[0] += entry.change().memoryBytes();
                        return bytes[0] <= bytesMax;
                    },
                    parameters);
            return found;
        });
    }

    @Override
    public List<Standing> passed(TargetName target, long after, int limit, long bytesMax) {
        return read(session -> new StandingRead(session, target).passed(damages()::note, after, limit, bytesMax));
    }

    @Override
    public long deleted(String flow) {
        return read(session -> {
            Long deleted = session.first("deleted", row -> row.getLong("deleted"), flow);
            return deleted == null ? 0 : deleted;
        });
    }

    @Override
    public List<DueChange> due(TargetName target, Instant now, int limit, long bytesMax) {
        return heldChanges(bytesMax, "due", target.flow(), target.target(), now.toEpochMilli(), limit);
    }

    @Override
    public List<DueChange> held(TargetName target, long keyHash, long after, int limit, long bytesMax) {
        return heldChanges(bytesMax, "held", target.flow(), target.target(), keyHash, after, limit);
    }

    @Override
    public List<Entry> unordered(TargetName target, long after, int limit) {
        return read(session -> session.list("unordered", Rows::head, after, target.flow(), target.target(), limit));
    }

    private List<DueChange> heldChanges(long bytesMax, String statement, Object... parameters) {
        return read(session -> {
            List<DueChange> found = new ArrayList<>();
            long[] bytes = new long[1];
            session.each(
                    statement,
                    row -> {
                        DueChange change = damages().note(Rows.held(row, session.bodies()));
                        found.add(change);
                        bytes[0] += change.entry().change().memoryBytes();
                        return bytes[0] <= bytesMax;
                    },
                    parameters);
            return found;
        });
    }

    @Override
    public Optional<Instant> nextDue(TargetName target, Instant after) {
        return read(session -> Optional.ofNullable(session.first(
                        "nextDue", row -> row.getLong("due_at"), target.flow(), target.target(), after.toEpochMilli()))
                .map(Instant::ofEpochMilli));
    }

    @Override
    public Optional<String> deliveredVersion(TargetName target, String key) {
        return read(session -> Optional.ofNullable(session.first(
                "deliveredVersion", row -> row.getString("version"), key, target.flow(), target.target())));
    }

    @Override
    public Optional<SavedClock> clock() {
        return Optional.ofNullable(read(session -> session.first(
                "clock", row -> new SavedClock(row.getLong("running"), row.getLong("steady"), row.getLong("wall")))));
    }

    @Override
    public Optional<Cursor> cursor(String name) {
        String damage = read(session -> session.first("cursor", Checksum::damageOfCursor, name));
        if (damage != null && !damage.isEmpty()) {
            damages().note(new LedgerFinding(null, null, null, damage, false));
            throw new StoreException(damage);
        }
        return read(session -> Optional.ofNullable(session.first("cursor", Rows::cursor, name)));
    }

    @Override
    public List<Cursor> cursors() {
        return read(session -> session.list("cursors", Rows::cursor));
    }

    @Override
    public Optional<Entry> entry(long sequence) {
        return read(session ->
                        Optional.ofNullable(session.first("entry", row -> Rows.entry(row, session.bodies()), sequence)))
                .map(damages()::note);
    }

    @Override
    public List<Entry> changes(ChangeQuery query) {
        List<Entry> found = read(session -> search().find(session, query));
        found.forEach(damages()::note);
        return found;
    }

    @Override
    public List<Delivery> deliveries(long sequence) {
        return read(session -> session.list("deliveries", row -> Rows.delivery(Rows.target(row), row), sequence));
    }

    @Override
    public List<Attempt> attempts(long sequence) {
        return read(
                session -> session.list("attempts", row -> Rows.attempt(sequence, row, session.bodies()), sequence));
    }

    @Override
    public List<DeadLetter> dead(DeliveryFilter filter, long afterSequence, int limit) {
        Predicate<DeadLetter> wanted = wanted(filter);
        long first = filter.sequences().stream().min(Long::compare).orElse(1L);
        long last = filter.sequences().stream().max(Long::compare).orElse(Long.MAX_VALUE);
        Instant since = filter.since();
        Long cause = filter.cause();
        return read(session -> {
            List<DeadLetter> found = new ArrayList<>();
            session.each(
                    "dead",
                    row -> {
                        DeadLetter letter = Rows.dead(row);
                        boolean full = found.size() >= limit
                                && found.get(found.size() - 1).sequence() != letter.sequence();
                        if (full || letter.sequence() > last) {
                            return false;
                        }
                        if (wanted.test(letter) && (cause == null || row.getLong("cause") == cause)) {
                            found.add(letter);
                        }
                        return true;
                    },
                    Math.max(afterSequence, first - 1),
                    since == null ? Long.MIN_VALUE : since.toEpochMilli());
            return found;
        });
    }

    @Override
    public List<TargetName> targetsWith(DeliveryState state) {
        int code = state == DeliveryState.PENDING ? 0 : Rows.code(state);
        return read(session -> session.list("targetsWith", Rows::target, code));
    }

    @Override
    public List<Standing> standing(
            TargetName target, DeliveryState state, @Nullable Long cause, long after, int limit) {
        return read(session -> new StandingRead(session, target).list(state, cause, after, limit));
    }

    @Override
    public int behind(TargetName target, long keyHash, long sequence, int max) {
        return read(session -> (int) session.number("behind", target.flow(), target.target(), keyHash, sequence, max));
    }

    @Override
    public List<CauseCount> causes(TargetName target, DeliveryState state, Instant since) {
        return read(session -> new StandingRead(session, target).causes(state, since));
    }

    @Override
    public List<Replay> replays() {
        return read(session -> session.list("replays", ReplayRows::read, REPLAYS_MAX));
    }

    @Override
    public List<AuditEntry> audit(AuditQuery query) {
        return read(session -> AuditRows.list(session, query));
    }

    @Override
    public HistoryReads history() {
        return new HistoryReader(this::read);
    }

    private static Predicate<DeadLetter> wanted(DeliveryFilter filter) {
        return letter -> filter.matches(
                letter.target(), letter.key(), letter.sequence(), letter.diedAt(), letter.status(), letter.error());
    }
}
