package dev.serai.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.ledger.Ledger;
import dev.serai.reconcile.KeyCheck.KeyVerdict;
import dev.serai.reconcile.book.Book;
import dev.serai.reconcile.book.Book.Given;
import dev.serai.reconcile.book.RunNotes;
import dev.serai.reconcile.book.RunNotes.KeyDifference;
import dev.serai.reconcile.readback.PatientReadBack;
import dev.serai.reconcile.readback.ReadBack.KeyRecord;
import dev.serai.reconcile.readback.ReadBack.ListedRecords;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Decides about the keys that are suspected: each is read again, after the time that the target may take to show what it
 * acknowledged, and is compared while no change of it is on its way.
 *
 * <p>Threads: one thread.
 */
final class SecondLook {
    /** How often a key is read while changes of it are on their way. */
    private static final int ROUNDS_MAX = 3;

    private static final int KEYS_AT_ONCE = 500;

    private final KeyCheck check;
    private final ReconcileFile file;
    private final RunNotes notes;
    private final PatientReadBack target;
    private final Clock clock;
    private final RunProgress state;
    private final Pace pace;

    SecondLook(
            Ledger ledger,
            ReconcileFile file,
            Book book,
            PatientReadBack target,
            Clock clock,
            RunProgress state,
            Pace pace) {
        this.check = new KeyCheck(ledger, file, book);
        this.file = file;
        this.notes = book.notes();
        this.target = target;
        this.clock = clock;
        this.state = state;
        this.pace = pace;
    }

    /** Decides about all suspects; none is left. */
    void confirm() throws Exception {
        if (!target.canReadKeys()) {
            byListing();
            return;
        }
        for (int round = 1; round <= ROUNDS_MAX && notes.suspects() > 0; round++) {
            awaitLag();
            byKey(round == ROUNDS_MAX);
        }
    }

    private void awaitLag() throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(file.lag().toMillis() + 1);
    }

    private void byKey(boolean isLastRound) throws Exception {
        List<String> page = notes.suspects("", KEYS_AT_ONCE);
        while (!page.isEmpty()) {
            for (List<String> keys : target.portions(page)) {
                Instant readAt = clock.instant();
                List<Decided> decided = new ArrayList<>();
                for (KeyRecord found : target.read(keys)) {
                    KeyVerdict verdict = check.verdict(found.key(), found.record(), readAt);
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

    /** Reads the whole listing again, since there is no other way. */
    private void byListing() throws Exception {
        if (notes.suspects() == 0) {
            return;
        }
        awaitLag();
        Instant readAt = clock.instant();
        target.begin(null);
        boolean isLast = false;
        while (!isLast) {
            ListedRecords page = target.next();
            Map<String, Decided> decided = new LinkedHashMap<>();
            for (JsonNode record : page.records()) {
                String key = file.access().keyOf(record);
                if (key != null && notes.isSuspect(key)) {
                    // Of a record that is there twice one may be stale.
                    decided.merge(key, new Decided(key, check.verdict(key, record, readAt)), Decided::better);
                }
            }
            note(decided.values());
            // A record that moved between the pages would be found by another pass.
            target.taken(!decided.isEmpty());
            isLast = page.isLast();
            pace.await(page.records().size());
        }
        for (List<String> page = notes.suspects("", KEYS_AT_ONCE);
                !page.isEmpty();
                page = notes.suspects("", KEYS_AT_ONCE)) {
            note(page.stream()
                    .map(key -> new Decided(key, check.verdict(key, null, readAt)))
                    .toList());
        }
    }

    private record Decided(String key, KeyVerdict verdict) {
        Decided better(Decided other) {
            return verdict.verdict() == KeyFinding.EQUAL ? this : other;
        }
    }

    private void note(Collection<Decided> decided) {
        List<KeyDifference> differences = new ArrayList<>();
        for (Decided one : decided) {
            Given given = one.verdict().given();
            @Nullable Instant accepted = given == null ? null : given.acceptedAt();
            KeyFinding verdict = one.verdict().verdict();
            if (verdict == KeyFinding.EQUAL) {
                state.equal += notes.repaired(one.key()) ? 0 : 1;
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
        notes.put(differences);
        notes.clear(decided.stream().map(Decided::key).toList());
    }
}
