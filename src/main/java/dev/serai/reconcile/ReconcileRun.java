package dev.serai.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.pull.PullException;
import dev.serai.reconcile.RunProgress.RunPhase;
import dev.serai.reconcile.book.Book;
import dev.serai.reconcile.book.Book.Given;
import dev.serai.reconcile.book.Book.GivenKind;
import dev.serai.reconcile.book.Book.NumberedKey;
import dev.serai.reconcile.book.RunNotes;
import dev.serai.reconcile.follow.LogFollower;
import dev.serai.reconcile.readback.PatientReadBack;
import dev.serai.reconcile.readback.ReadBack.KeyRecord;
import dev.serai.reconcile.readback.ReadBack.ListedRecords;
import dev.serai.reconcile.state.RecordState;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One comparison of a side. First its records are read and each key is compared with the book, while changes flow; what does not
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

    private final ComparedSide side;
    private final Book book;
    private final RunNotes notes;
    private final LogFollower follower;
    private final PatientReadBack system;
    private final SecondLook secondLook;
    private final Clock clock;
    private final RunProgress state;
    private final Pace pace;
    private Instant savedAt = Instant.MIN;

    /**
     * @param rate how many keys are compared per second at most; 0 for no limit
     * @param state new, or as it was saved
     */
    ReconcileRun(ComparedSide side, PatientReadBack system, double rate, Clock clock, RunProgress state) {
        this.side = side;
        this.book = side.book();
        this.notes = book.notes();
        this.follower = side.follower();
        this.system = system;
        this.clock = clock;
        this.state = state;
        this.pace = new Pace(rate);
        this.secondLook = new SecondLook(side, system, clock, state, pace);
    }

    /**
     * Runs to the end.
     *
     * @throws InterruptedException if it is stopped
     * @throws Exception why it failed; nothing is known then
     */
    void run() throws Exception {
        if (state.through == null) {
            state.through = side.through(follower.catchUpWithNow());
            state.turn = book.recent().nextTurn();
            state.phase = RunPhase.LISTING;
        }
        if (state.phase == RunPhase.LISTING && state.place == null) { // also one that a kill has ended early
            side.begin();
            state.knownBefore = book.idEnd();
            save();
        }
        if (!state.request.only().isEmpty()) {
            notes.suspect(state.request.only());
            state.phase = RunPhase.CONFIRMING;
        }
        if (state.request.sample() > 0 && state.phase == RunPhase.LISTING) {
            lookAt(KeySample.of(book, state.request.sample(), new SplittableRandom()));
            state.phase = RunPhase.CONFIRMING;
        }
        if (state.request.hot() && state.phase == RunPhase.LISTING) {
            lookAtRecent();
            state.phase = RunPhase.CONFIRMING;
        }
        if (state.phase == RunPhase.LISTING) {
            if (system.canList()) {
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
        judgeAll();
        if (state.request.mends()) {
            state.phase = RunPhase.REPAIRING;
            side.repair(system, secondLook, state);
        }
    }

    private void judgeAll() throws PullException {
        Map<String, Long> found = notes.counts();
        if (state.request.only().isEmpty()) {
            long shown = state.equal
                    + found.getOrDefault(KeyFinding.STALE.word(), 0L)
                    + found.getOrDefault(KeyFinding.DIFFERS.word(), 0L);
            side.judge(found.getOrDefault(KeyFinding.EXTRA.word(), 0L), shown);
        }
    }

    private void lookAtRecent() throws Exception {
        List<String> page = book.recent().before(state.turn, "", KEYS_AT_ONCE);
        while (!page.isEmpty()) {
            lookAt(page);
            page = book.recent().before(state.turn, page.get(page.size() - 1), KEYS_AT_ONCE);
        }
    }

    /** Reads each of them, which are keys of the book. */
    private void lookAt(List<String> keys) throws Exception {
        side.suspect(readEach(book.find(keys).values()));
        follower.follow(FOLLOW_MAX);
    }

    // ---- The first look

    private void list() throws Exception {
        system.begin(state.place);
        savedAt = Instant.MIN; // the first page is saved at once
        boolean isLast = false;
        while (!isLast) {
            ListedRecords page = system.next();
            List<KeyRecord> suspects = new ArrayList<>();
            long fresh = look(page.records(), suspects);
            side.suspect(suspects);
            system.taken(fresh > 0);
            state.listed += fresh;
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
        system.checkListed(state.listed);
    }

    /** Compares records with the book; returns how many of them were not seen before in this run. */
    private long look(List<JsonNode> records, List<KeyRecord> suspects) throws PullException {
        Map<String, JsonNode> byKey = new LinkedHashMap<>(2 * records.size());
        for (JsonNode record : records) {
            String key = side.access().keyOf(record);
            if (key == null) {
                throw new PullException("a record of the " + side.name() + " has no key: " + shortened(record));
            }
            byKey.put(key, record);
        }
        long fresh = 0;
        Map<String, Given> known = book.find(byKey.keySet());
        for (Map.Entry<String, JsonNode> one : byKey.entrySet()) {
            Given given = known.get(one.getKey());
            if (given == null) {
                fresh += notes.isSuspect(one.getKey()) ? 0 : 1;
                suspects.add(new KeyRecord(one.getKey(), one.getValue()));
                continue;
            }
            int id = Math.toIntExact(given.id());
            boolean again = state.seen.get(id);
            state.seen.set(id);
            boolean maySuspect = again || id >= state.knownBefore;
            if (maySuspect && notes.isSuspect(one.getKey())) {
                continue;
            }
            fresh += again ? 0 : 1;
            boolean equal = isEqual(given, one.getValue());
            if (equal && !again) {
                state.equal++;
            } else if (!equal) {
                state.equal -= again ? 1 : 0;
                suspects.add(new KeyRecord(one.getKey(), one.getValue()));
            }
        }
        return fresh;
    }

    private static String shortened(JsonNode record) {
        String text = record.toString();
        return text.length() > 200 ? text.substring(0, 200) + "…" : text;
    }

    private boolean isEqual(Given given, @Nullable JsonNode record) throws PullException {
        if (record == null || side.access().isDeleted(record)) {
            return given.kind() == GivenKind.DELETED;
        }
        if (given.kind() != GivenKind.STATE) {
            return false;
        }
        JsonNode found = side.stateOf(record);
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
            List<KeyRecord> suspects = system.canList() ? missing(unseen) : readEach(unseen);
            state.absent += countAbsent(suspects, unseen);
            side.suspect(suspects);
            state.searched = page.get(page.size() - 1).key();
            saveSometimes();
            follower.follow(FOLLOW_MAX);
            page = book.keys(state.searched, KEYS_AT_ONCE);
        }
        side.judge(state.absent, system.canList() ? state.seen.cardinality() : state.read - state.absent);
    }

    private static List<KeyRecord> missing(List<Given> unseen) {
        return unseen.stream()
                .filter(one -> one.kind() != GivenKind.DELETED)
                .map(one -> new KeyRecord(one.key(), null))
                .toList();
    }

    private static long countAbsent(List<KeyRecord> suspects, List<Given> unseen) {
        Set<String> absent = suspects.stream()
                .filter(one -> one.record() == null)
                .map(KeyRecord::key)
                .collect(Collectors.toSet());
        return unseen.stream()
                .filter(one -> one.kind() == GivenKind.STATE && absent.contains(one.key()))
                .count();
    }

    private List<KeyRecord> readEach(Collection<Given> unseen) throws Exception {
        Map<String, Given> byKey = new LinkedHashMap<>();
        unseen.forEach(one -> byKey.put(one.key(), one));
        List<KeyRecord> suspects = new ArrayList<>();
        for (List<String> keys : system.portions(byKey.keySet())) {
            for (KeyRecord found : system.read(keys)) {
                Given given = byKey.get(found.key());
                if (given != null && isEqual(given, found.record())) {
                    state.equal += given.kind() == GivenKind.STATE ? 1 : 0;
                } else {
                    suspects.add(found);
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
