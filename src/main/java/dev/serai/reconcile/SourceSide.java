package dev.serai.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.pull.PullException;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.ChangeQuery;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.VersionOrder;
import dev.serai.reconcile.KeyCheck.KeyVerdict;
import dev.serai.reconcile.book.Book;
import dev.serai.reconcile.book.Book.Given;
import dev.serai.reconcile.book.Book.GivenKind;
import dev.serai.reconcile.book.KeyFinding;
import dev.serai.reconcile.follow.AcceptedFollower;
import dev.serai.reconcile.follow.LogFollower;
import dev.serai.reconcile.readback.PatientReadBack;
import dev.serai.reconcile.readback.ReadBack.KeyRecord;
import dev.serai.reconcile.readback.RecordAccess;
import dev.serai.reconcile.source.SourceBlock;
import dev.serai.reconcile.state.RecordState;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The source: the ledger should have accepted the state of each of its records, and that it has no more what it deleted.
 *
 * <p>A difference counts only if the source shows the same at two looks, between which a change had the time to arrive: what
 * changes meanwhile is on its way.
 *
 * <p>Threads: one at a time.
 */
final class SourceSide implements ComparedSide {
    /** How many of the newest changes of a key are looked at. */
    private static final int CHANGES_MAX = 20;

    /** So many deletes may be lost at once. */
    private static final long ABSENT_MAX = 10;

    private final Ledger ledger;
    private final String flow;
    private final RecordState given;
    private final SourceBlock source;
    private final Book book;
    private final AcceptedFollower follower;
    private final Clock clock;

    SourceSide(Ledger ledger, ReconcileFile file, SourceBlock source, Book book, Clock clock) {
        this.ledger = ledger;
        this.flow = file.target().flow();
        this.given = file.given();
        this.source = source;
        this.book = book;
        this.follower = new AcceptedFollower(ledger, flow, given, book, clock);
        this.clock = clock;
    }

    @Override
    public String name() {
        return "source";
    }

    @Override
    public RecordAccess access() {
        return source.access();
    }

    @Override
    public Duration lag() {
        return source.lag();
    }

    @Override
    public Book book() {
        return book;
    }

    @Override
    public LogFollower follower() {
        return follower;
    }

    /** The first one may find that a record has changed since it was suspected. */
    @Override
    public int listings() {
        return 2;
    }

    @Override
    public @Nullable JsonNode stateOf(JsonNode record) throws PullException {
        JsonNode body = source.bodyOf(record);
        return body == null ? null : given.of(body);
    }

    @Override
    public Instant through(Instant read) {
        return read.minusMillis(1).truncatedTo(ChronoUnit.MILLIS);
    }

    @Override
    public void begin() {
        book.notes().begin();
        book.source().forgetSeen();
    }

    @Override
    public void suspect(List<KeyRecord> shown) {
        Map<String, byte @Nullable []> digests = new HashMap<>();
        for (KeyRecord one : shown) {
            digests.put(one.key(), digest(one.record()));
        }
        book.source().seen(digests);
        book.notes().suspect(digests.keySet());
    }

    /** Null of a record that is not there, or has no state. */
    private byte @Nullable [] digest(@Nullable JsonNode record) {
        try {
            JsonNode state = record == null || access().isDeleted(record) ? null : stateOf(record);
            return state == null ? null : RecordState.digest(state);
        } catch (PullException e) {
            return null;
        }
    }

    // ---- One key

    /** What is on its way at a source was not accepted yet. */
    @Override
    public boolean isOnItsWay(String key) {
        return false;
    }

    @Override
    public KeyVerdict verdict(String key, @Nullable JsonNode record, Instant readAt) {
        List<Entry> newest = ledger.changes(new ChangeQuery(flow, key, null, CHANGES_MAX));
        Entry last = last(newest);
        KeyVerdict verdict;
        try {
            verdict = compare(key, record, last);
        } catch (PullException e) {
            verdict = KeyVerdict.of(KeyFinding.UNKNOWN, known(key));
        }
        if (verdict.verdict() == KeyFinding.EQUAL || verdict.verdict() == KeyFinding.UNKNOWN) {
            return verdict;
        }
        byte[] shows = digest(record);
        boolean isOnItsWay =
                !newest.isEmpty() && newest.get(0).acceptedAt().plus(lag()).isAfter(readAt);
        if (isOnItsWay || !book.source().isSame(key, shows)) {
            Map<String, byte @Nullable []> now = new HashMap<>();
            now.put(key, shows);
            book.source().seen(now);
            return KeyVerdict.of(KeyFinding.PENDING, verdict.given());
        }
        return verdict;
    }

    /** The version of the state of a key that was accepted last; null if it has none, or that is not known. */
    @Nullable String lastVersion(String key) {
        Entry last = last(ledger.changes(new ChangeQuery(flow, key, null, CHANGES_MAX)));
        return last == null ? book.source().version(key) : last.change().version();
    }

    /** The newest state, by its version if there is one; null if none is kept. */
    private @Nullable Entry last(List<Entry> newestFirst) {
        Entry last = null;
        for (Entry one : newestFirst) {
            last = last == null || isNewer(one.change().version(), last.change().version()) ? one : last;
        }
        return last == null ? null : ledger.change(flow, last.sequence()).orElse(null);
    }

    private static boolean isNewer(@Nullable String version, @Nullable String other) {
        return version != null && other != null && VersionOrder.compare(version, other) > 0;
    }

    private @Nullable Given known(String key) {
        return book.find(List.of(key)).get(key);
    }

    private KeyVerdict compare(String key, @Nullable JsonNode record, @Nullable Entry last) throws PullException {
        Given had = last == null ? known(key) : LogFollower.given(last, last.acceptedAt(), given);
        GivenKind kind = had == null ? GivenKind.DELETED : had.kind();
        if (record == null || access().isDeleted(record)) {
            return KeyVerdict.of(
                    switch (kind) {
                        case DELETED -> KeyFinding.EQUAL;
                        case UNREADABLE -> KeyFinding.UNKNOWN;
                        case STATE -> record == null ? KeyFinding.EXTRA : KeyFinding.STALE;
                    },
                    had);
        }
        JsonNode state = stateOf(record);
        if (state == null || kind == GivenKind.UNREADABLE) {
            return KeyVerdict.of(KeyFinding.UNKNOWN, had);
        }
        if (had == null) {
            return KeyVerdict.of(book.gap().isNone() ? KeyFinding.MISSING : KeyFinding.UNKNOWN, null);
        }
        if (kind == GivenKind.STATE && Arrays.equals(RecordState.digest(state), had.digest())) {
            return KeyVerdict.of(KeyFinding.EQUAL, had);
        }
        String version =
                last == null ? book.source().version(key) : last.change().version();
        boolean isBehind = isNewer(version, source.versionOf(record));
        JsonNode accepted = last == null || kind == GivenKind.DELETED
                ? null
                : given.ofBody(last.change().body());
        return new KeyVerdict(
                isBehind ? KeyFinding.DIFFERS : KeyFinding.STALE,
                accepted == null ? List.of() : RecordState.differences(accepted, state),
                had);
    }

    @Override
    public void judge(long absent, long shown) throws PullException {
        if (absent >= ABSENT_MAX && absent > shown) {
            throw new PullException("the source does not have " + absent + " of the " + (absent + shown)
                    + " keys that were accepted from it; that is taken for a fault there, and not for so many"
                    + " deletes");
        }
    }

    @Override
    public void repair(PatientReadBack system, SecondLook look, RunProgress run) throws Exception {
        new SourceRepair(ledger, flow, source, this, system, run, clock).run();
    }
}
