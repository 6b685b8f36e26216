package dev.serai.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.reconcile.KeyCheck.KeyVerdict;
import dev.serai.reconcile.book.Book.Given;
import dev.serai.reconcile.book.KeyFinding;
import dev.serai.reconcile.book.RunNotes;
import dev.serai.reconcile.book.RunNotes.KeyDifference;
import dev.serai.reconcile.readback.PatientReadBack;
import dev.serai.reconcile.readback.ReadBack.KeyRecord;
import dev.serai.reconcile.readback.ReadBack.ListedRecords;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Decides about the keys that are suspected: each is read again, after the time that a change may be on its way, and is compared while no change of it is on its way.
 *
 * <p>Threads: one thread.
 */
final class SecondLook {
    /** How often a key is read while changes of it are on their way. */
    private static final int ROUNDS_MAX = 3;

    private static final int KEYS_AT_ONCE = 500;

    private final ComparedSide side;
    private final RunNotes notes;
    private final PatientReadBack system;
    private final Clock clock;
    private final RunProgress state;
    private final Pace pace;

    SecondLook(ComparedSide side, PatientReadBack system, Clock clock, RunProgress state, Pace pace) {
        this.side = side;
        this.notes = side.book().notes();
        this.system = system;
        this.clock = clock;
        this.state = state;
        this.pace = pace;
    }

    /** Decides about all suspects; none is left. */
    void confirm() throws Exception {
        int rounds = system.canReadKeys() ? ROUNDS_MAX : side.listings();
        for (int round = 1; round <= rounds && notes.suspects() > 0; round++) {
            awaitLag();
            if (system.canReadKeys()) {
                byKey(round == rounds);
            } else {
                byListing(round == rounds);
            }
        }
    }

    private void awaitLag() throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(side.lag().toMillis() + 1);
    }

    private void byKey(boolean isLastRound) throws Exception {
        List<String> page = notes.suspects("", KEYS_AT_ONCE);
        while (!page.isEmpty()) {
            for (List<String> keys : system.portions(settled(page, isLastRound))) {
                Instant readAt = clock.instant();
                List<Decided> decided = new ArrayList<>();
                for (KeyRecord found : system.read(keys)) {
                    KeyVerdict verdict = side.verdict(found.key(), found.record(), readAt);
                    if (isLastRound || verdict.verdict() != KeyFinding.PENDING) {
                        decided.add(new Decided(found.key(), verdict));
                    }
                }
                note(decided);
                pace.await(keys.size());
            }
            page = notes.suspects(page.get(page.size() - 1), KEYS_AT_ONCE);
        }
    }

    /** Those of which no change is on its way; in the last round the others are noted. */
    private List<String> settled(List<String> keys, boolean isLastRound) {
        List<String> pending = keys.stream().filter(side::isOnItsWay).toList();
        if (isLastRound) {
            Map<String, Given> known = side.book().find(pending);
            note(pending.stream()
                    .map(key -> new Decided(key, KeyVerdict.of(KeyFinding.PENDING, known.get(key))))
                    .toList());
        }
        Set<String> settled = new LinkedHashSet<>(keys);
        pending.forEach(settled::remove);
        return List.copyOf(settled);
    }

    /** Reads the whole listing again, since there is no other way. */
    private void byListing(boolean isLastRound) throws Exception {
        Instant readAt = clock.instant();
        Set<String> undecided = new HashSet<>();
        system.begin(null);
        boolean isLast = false;
        while (!isLast) {
            ListedRecords page = system.next();
            Map<String, Decided> decided = new LinkedHashMap<>();
            for (JsonNode record : page.records()) {
                String key = side.access().keyOf(record);
                if (key != null && !undecided.contains(key) && notes.isSuspect(key)) {
                    // Of a record that is there twice one may be stale.
                    decided.merge(key, new Decided(key, side.verdict(key, record, readAt)), Decided::better);
                }
            }
            // A record that moved between the pages would be found by another pass.
            system.taken(!decided.isEmpty());
            if (!isLastRound) {
                undecided.addAll(takePending(decided));
            }
            note(decided.values());
            isLast = page.isLast();
            pace.await(page.records().size());
        }
        List<String> page = notes.suspects("", KEYS_AT_ONCE);
        while (!page.isEmpty()) {
            Map<String, Decided> decided = new LinkedHashMap<>();
            for (String key : page) {
                if (!undecided.contains(key)) {
                    decided.put(key, new Decided(key, side.verdict(key, null, readAt)));
                }
            }
            if (!isLastRound) {
                takePending(decided);
            }
            note(decided.values());
            page = notes.suspects(page.get(page.size() - 1), KEYS_AT_ONCE);
        }
    }

    /** Takes out what another round is to decide. */
    private static Set<String> takePending(Map<String, Decided> decided) {
        Set<String> pending = new HashSet<>();
        decided.values().stream()
                .filter(one -> one.verdict().verdict() == KeyFinding.PENDING)
                .forEach(one -> pending.add(one.key()));
        decided.keySet().removeAll(pending);
        return pending;
    }

    private record Decided(String key, KeyVerdict verdict) {
        Decided better(Decided other) {
            boolean isSure = verdict.verdict() == KeyFinding.EQUAL
                    || (verdict.verdict() == KeyFinding.PENDING && other.verdict.verdict() != KeyFinding.EQUAL);
            return isSure ? this : other;
        }
    }

    private void note(Collection<Decided> decided) {
        List<KeyDifference> differences = new ArrayList<>();
        List<String> equal = new ArrayList<>();
        for (Decided one : decided) {
            Given given = one.verdict().given();
            @Nullable Instant accepted = given == null ? null : given.acceptedAt();
            KeyFinding verdict = one.verdict().verdict();
            if (verdict == KeyFinding.EQUAL) {
                equal.add(one.key());
            } else {
                differences.add(new KeyDifference(
                        one.key(),
                        verdict.word(),
                        one.verdict().fields(),
                        accepted,
                        given == null ? 0 : given.sequence(),
                        null));
            }
        }
        state.equal += equal.size() - side.book().repairs().repaired(equal).size();
        notes.put(differences);
        notes.clear(decided.stream().map(Decided::key).toList());
    }
}
