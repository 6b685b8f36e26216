package dev.serai.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.pull.PullException;
import dev.serai.ledger.FlowStatus;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.delivery.TargetStatus;
import dev.serai.reconcile.RunProgress.RunPhase;
import dev.serai.reconcile.book.Book;
import dev.serai.reconcile.book.Book.Given;
import dev.serai.reconcile.book.Book.GivenKind;
import dev.serai.reconcile.book.Book.NumberedKey;
import dev.serai.reconcile.book.RunNotes;
import dev.serai.reconcile.follow.BookFollower;
import dev.serai.reconcile.readback.PatientReadBack;
import dev.serai.reconcile.readback.ReadBack.KeyRecord;
import dev.serai.reconcile.readback.ReadBack.ListedRecords;
import dev.serai.reconcile.state.RecordState;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * One comparison of all keys. First the target is read and each key is compared with the book, while changes flow; what does not
 * fit is only suspected. Then {@link SecondLook} decides about the suspects.
 *
 * <p>Its memory is bounded: one page of records, and one bit for each key. Its place is saved, and it goes on there after a kill.
 *
 * <p>Threads: one thread; interrupting it stops the run, which then goes on at the next start.
 */
final class ReconcileRun {
    private static final Duration SAVE_EVERY = Duration.ofSeconds(2);
    private static final int KEYS_AT_ONCE = 1_000;
    /** While changes flow the book has to follow, or each of them would be a suspect. */
    private static final Duration FOLLOW_MAX = Duration.ofMillis(100);

    private final Ledger ledger;
    private final ReconcileFile file;
    private final Book book;
    private final RunNotes notes;
    private final BookFollower follower;
    private final PatientReadBack target;
    private final SecondLook secondLook;
    private final RunRepair repair;
    private final Clock clock;
    private final RunProgress state;
    private final Pace pace;
    private Instant savedAt = Instant.MIN;

    /** @param state new, or as it was saved */
    ReconcileRun(
            Ledger ledger,
            ReconcileFile file,
            Book book,
            BookFollower follower,
            PatientReadBack target,
            Clock clock,
            RunProgress state) {
        this.ledger = ledger;
        this.file = file;
        this.book = book;
        this.notes = book.notes();
        this.follower = follower;
        this.target = target;
        this.clock = clock;
        this.state = state;
        this.pace = new Pace(file.rate());
        this.secondLook = new SecondLook(ledger, file, book, target, clock, state, pace);
        this.repair = new RunRepair(ledger, file, notes, secondLook, state);
    }

    /**
     * Runs to the end.
     *
     * @throws InterruptedException if it is stopped
     * @throws Exception why it failed; nothing is known then
     */
    void run() throws Exception {
        if (state.through == null) {
            notes.begin();
            state.through = through(follower.catchUpWithNow());
            state.turn = book.recent().nextTurn();
            state.phase = RunPhase.LISTING;
            save();
        }
        if (!state.request.only().isEmpty()) {
            notes.suspect(state.request.only());
            state.phase = RunPhase.CONFIRMING;
        }
        if (state.request.sample() > 0 && state.phase == RunPhase.LISTING) {
            notes.suspect(KeySample.of(book, state.request.sample(), new SplittableRandom()));
            state.phase = RunPhase.CONFIRMING;
        }
        if (state.request.hot() && state.phase == RunPhase.LISTING) {
            suspectRecent();
            state.phase = RunPhase.CONFIRMING;
        }
        if (state.phase == RunPhase.LISTING) {
            if (target.canList()) {
                list();
            }
            state.phase = RunPhase.SEARCHING;
        }
        if (state.phase == RunPhase.SEARCHING) {
            search();
            state.phase = RunPhase.CONFIRMING;
        }
        save();
        follower.catchUp();
        secondLook.confirm();
        if (state.request.mends()) {
            state.phase = RunPhase.REPAIRING;
            repair.run();
        }
    }

    /**
     * What was accepted until then, and is in the book with its outcome, is compared.
     *
     * @param read what was accepted before was read
     */
    private Instant through(Instant read) {
        Instant until = read.minusMillis(1).truncatedTo(ChronoUnit.MILLIS);
        Instant waiting = null;
        FlowStatus flow = ledger.flow(file.target().flow()).orElse(null);
        for (TargetStatus one : flow == null ? List.<TargetStatus>of() : flow.targets()) {
            waiting = one.target().equals(file.target().target()) ? one.oldest() : waiting;
        }
        for (Instant oldest : Arrays.asList(waiting, book.oldestUnsettled())) {
            if (oldest != null && !oldest.isAfter(until)) {
                until = oldest.minusMillis(1);
            }
        }
        return until;
    }

    /** Each of them is read by its key. */
    private void suspectRecent() {
        List<String> page = book.recent().before(state.turn, "", KEYS_AT_ONCE);
        while (!page.isEmpty()) {
            notes.suspect(page);
            page = book.recent().before(state.turn, page.get(page.size() - 1), KEYS_AT_ONCE);
        }
    }

    // ---- The first look

    private void list() throws Exception {
        target.begin(state.place);
        savedAt = Instant.MIN; // the first page is saved at once
        boolean isLast = false;
        while (!isLast) {
            ListedRecords page = target.next();
            List<String> suspects = new ArrayList<>();
            boolean anyNew = look(page.records(), suspects);
            notes.suspect(suspects);
            target.taken(anyNew);
            state.read += page.records().size();
            isLast = page.isLast();
            String next = page.next();
            if (next != null) {
                state.place = next;
                saveSometimes();
            }
            follower.follow(FOLLOW_MAX);
            pace.await(page.records().size());
        }
    }

    /** Compares records with the book; returns whether one of them was not seen before in this run. */
    private boolean look(List<JsonNode> records, List<String> suspects) throws PullException {
        Map<String, JsonNode> byKey = new LinkedHashMap<>(2 * records.size());
        for (JsonNode record : records) {
            String key = file.access().keyOf(record);
            if (key == null) {
                throw new PullException("a record of the target has no key: " + shortened(record));
            }
            byKey.put(key, record);
        }
        boolean anyNew = false;
        Map<String, Given> known = book.find(byKey.keySet());
        for (Map.Entry<String, JsonNode> one : byKey.entrySet()) {
            Given given = known.get(one.getKey());
            if (given == null) {
                anyNew |= !notes.isSuspect(one.getKey());
                suspects.add(one.getKey());
                continue;
            }
            int id = Math.toIntExact(given.id());
            boolean again = state.seen.get(id);
            anyNew |= !again;
            state.seen.set(id);
            boolean wasSuspect = again && notes.isSuspect(one.getKey());
            if (wasSuspect) {
                continue;
            }
            boolean equal = isEqual(given, one.getValue());
            if (equal && !again) {
                state.equal++;
            } else if (!equal) {
                state.equal -= again ? 1 : 0;
                suspects.add(one.getKey());
            }
        }
        return anyNew;
    }

    private static String shortened(JsonNode record) {
        String text = record.toString();
        return text.length() > 200 ? text.substring(0, 200) + "…" : text;
    }

    private boolean isEqual(Given given, @Nullable JsonNode record) throws PullException {
        if (record == null || file.access().isDeleted(record)) {
            return given.kind() == GivenKind.DELETED;
        }
        if (given.kind() != GivenKind.STATE) {
            return false;
        }
        JsonNode found = file.found().of(record);
        return found != null && Arrays.equals(RecordState.digest(found), given.digest());
    }

    /** Goes through all keys of the book: those that a listing should have had, or all of them if there is none. */
    private void search() throws Exception {
        Instant through = Objects.requireNonNull(state.through, "the book was read");
        List<NumberedKey> page = book.keys(state.searched, KEYS_AT_ONCE);
        while (!page.isEmpty()) {
            List<String> keys = page.stream()
                    .filter(one -> !state.seen.get(Math.toIntExact(one.id())))
                    .map(NumberedKey::key)
                    .toList();
            List<Given> unseen = keys.isEmpty()
                    ? List.of()
                    : book.find(keys).values().stream()
                            .filter(one -> !one.acceptedAt().isAfter(through))
                            .toList();
            List<String> suspects = target.canList() ? missing(unseen) : readEach(unseen);
            notes.suspect(suspects);
            state.searched = page.get(page.size() - 1).key();
            saveSometimes();
            follower.follow(FOLLOW_MAX);
            page = book.keys(state.searched, KEYS_AT_ONCE);
        }
    }

    private static List<String> missing(List<Given> unseen) {
        return unseen.stream()
                .filter(one -> one.kind() != GivenKind.DELETED)
                .map(Given::key)
                .toList();
    }

    private List<String> readEach(List<Given> unseen) throws Exception {
        Map<String, Given> byKey = new LinkedHashMap<>();
        unseen.forEach(one -> byKey.put(one.key(), one));
        List<String> suspects = new ArrayList<>();
        for (List<String> keys : target.portions(byKey.keySet())) {
            for (KeyRecord found : target.read(keys)) {
                Given given = byKey.get(found.key());
                if (given != null && isEqual(given, found.record())) {
                    state.equal += given.kind() == GivenKind.STATE ? 1 : 0;
                } else {
                    suspects.add(found.key());
                }
                state.read++;
            }
            pace.await(keys.size());
        }
        return suspects;
    }

    // ---- Saving

    private void saveSometimes() {
        if (savedAt.plus(SAVE_EVERY).isBefore(clock.instant())) {
            save();
        }
    }

    private void save() {
        notes.save(state.save(), state.seen);
        savedAt = clock.instant();
    }
}
