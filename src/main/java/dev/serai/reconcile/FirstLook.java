package dev.serai.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.pull.PullException;
import dev.serai.reconcile.book.Book;
import dev.serai.reconcile.book.Book.Given;
import dev.serai.reconcile.book.Book.GivenKind;
import dev.serai.reconcile.book.Book.NumberedKey;
import dev.serai.reconcile.book.RunNotes;
import dev.serai.reconcile.follow.LogFollower;
import dev.serai.reconcile.readback.PatientReadBack;
import dev.serai.reconcile.readback.ReadBack.KeyRecord;
import dev.serai.reconcile.readback.ReadBack.ListedRecords;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Reads the records of a side and compares each key with the book, while changes flow. What does not fit is only suspected: {@link
 * SecondLook} decides about it.
 *
 * <p>Threads: one thread.
 */
final class FirstLook {
    private static final int KEYS_AT_ONCE = 1_000;
    /** So many records more than twice those that are there may be listed again in one pass, because they move while it is read. */
    private static final long AGAIN_MAX = 1_000;
    /** While changes flow the book has to follow, or each of them would be a suspect. */
    private static final Duration FOLLOW_MAX = Duration.ofMillis(100);

    private final ComparedSide side;
    private final Book book;
    private final RunNotes notes;
    private final LogFollower follower;
    private final PatientReadBack system;
    private final RunProgress state;
    private final Pace pace;
    private final BetweenPages between;

    /** What is done after each page. */
    interface BetweenPages {
        void run() throws Exception;
    }

    FirstLook(ComparedSide side, PatientReadBack system, RunProgress state, Pace pace, BetweenPages between) {
        this.side = side;
        this.book = side.book();
        this.notes = book.notes();
        this.follower = side.follower();
        this.system = system;
        this.state = state;
        this.pace = pace;
        this.between = between;
    }

    /** Reads the listing from the run's place on. */
    void list() throws Exception {
        system.begin(state.place);
        boolean hasMoved = false;
        boolean isLast = false;
        long passed = 0;
        while (!isLast) {
            ListedRecords page = system.next();
            FreshKeys fresh = look(page.records());
            state.listed += fresh.known() + fresh.unknown().size();
            boolean isPassEnd = page.records().isEmpty();
            passed = isPassEnd ? 0 : passed + page.records().size();
            if (passed > 2 * state.listed + AGAIN_MAX) {
                throw new PullException("the listing of the " + side.name() + " goes round in a circle: " + passed
                        + " records in a row had only " + state.listed
                        + " keys: check {page}, {offset} or next in page");
            }
            hasMoved = !isPassEnd && (hasMoved || hasMoved(fresh));
            system.taken(hasMoved);
            state.read += page.records().size();
            isLast = page.isLast();
            String next = page.next();
            if (next != null) {
                state.place = next;
                between.run();
            }
            follower.follow(FOLLOW_MAX);
            pace.await(page.records().size());
        }
        system.checkListed(state.listed);
    }

    /**
     * What a page had that was not seen before in this run.
     *
     * @param known how many keys the book knows
     * @param older how many of them may have been in the listing since the run began
     * @param unknown those that it does not know
     */
    private record FreshKeys(long known, long older, List<String> unknown) {}

    /** Compares records with the book. */
    private FreshKeys look(List<JsonNode> records) throws PullException {
        Map<String, JsonNode> byKey = byKey(records);
        List<KeyRecord> suspects = new ArrayList<>();
        long known = 0;
        long older = 0;
        List<String> unknown = new ArrayList<>();
        Map<String, Given> inBook = book.find(byKey.keySet());
        for (Map.Entry<String, JsonNode> one : byKey.entrySet()) {
            String key = one.getKey();
            Given given = inBook.get(key);
            if (given == null) {
                if (!notes.isSuspect(key)) {
                    unknown.add(key);
                }
                suspects.add(new KeyRecord(key, one.getValue()));
                continue;
            }
            int id = Math.toIntExact(given.id());
            boolean again = state.seen.get(id);
            state.seen.set(id);
            boolean maySuspect = again || id >= state.knownBefore;
            if (maySuspect && notes.isSuspect(key)) {
                continue;
            }
            known += again ? 0 : 1;
            older += again || isNew(given) ? 0 : 1;
            boolean equal = side.isEqual(given, one.getValue());
            if (equal && !again) {
                state.equal++;
            } else if (!equal) {
                state.equal -= again ? 1 : 0;
                suspects.add(new KeyRecord(key, one.getValue()));
            }
        }
        side.suspect(suspects);
        return new FreshKeys(known, older, unknown);
    }

    private Map<String, JsonNode> byKey(List<JsonNode> records) throws PullException {
        Map<String, JsonNode> byKey = new LinkedHashMap<>(2 * records.size());
        for (JsonNode record : records) {
            String key = side.access().keyOf(record);
            if (key == null) {
                throw new PullException("a record of the " + side.name() + " has no key: " + shortened(record));
            }
            byKey.put(key, record);
        }
        return byKey;
    }

    /**
     * Whether records may have moved between the pages while they were read, since what is there only now must have been there
     * before. What was accepted after the run began shows nothing of that, or a listing that grows all the time would never end; nor
     * does what is accepted meanwhile and not in the book yet.
     */
    private boolean hasMoved(FreshKeys fresh) throws InterruptedException {
        if (fresh.older() > 0 || fresh.unknown().isEmpty()) {
            return fresh.older() > 0;
        }
        TimeUnit.MILLISECONDS.sleep(side.lag().toMillis() + 1);
        return !fresh.unknown().stream().allMatch(follower::isKnown);
    }

    /** Whether the last change of the key was accepted after the run began. */
    private boolean isNew(Given given) {
        return given.acceptedAt().isAfter(through());
    }

    private Instant through() {
        return Objects.requireNonNull(state.through, "the book was read");
    }

    private static String shortened(JsonNode record) {
        String text = record.toString();
        return text.length() > 200 ? text.substring(0, 200) + "…" : text;
    }

    /** Goes through all keys of the book: those that a listing should have had, or all of them if there is none. */
    void search() throws Exception {
        List<NumberedKey> page = book.keys(state.searched, KEYS_AT_ONCE);
        while (!page.isEmpty()) {
            List<String> keys = page.stream()
                    .filter(one -> !state.seen.get(Math.toIntExact(one.id())))
                    .map(NumberedKey::key)
                    .toList();
            List<Given> unseen = keys.isEmpty()
                    ? List.of()
                    : book.find(keys).values().stream()
                            .filter(one -> !isNew(one))
                            .toList();
            List<KeyRecord> suspects = system.canList() ? missing(unseen) : readEach(unseen);
            state.absent += countAbsent(suspects, unseen);
            side.suspect(suspects);
            state.searched = page.get(page.size() - 1).key();
            between.run();
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

    /** Reads each of them, which are keys of the book. */
    void lookAt(List<String> keys) throws Exception {
        side.suspect(readEach(book.find(keys).values()));
        follower.follow(FOLLOW_MAX);
    }

    private List<KeyRecord> readEach(Collection<Given> unseen) throws Exception {
        Map<String, Given> byKey = new LinkedHashMap<>();
        unseen.forEach(one -> byKey.put(one.key(), one));
        List<KeyRecord> suspects = new ArrayList<>();
        for (List<String> keys : system.portions(byKey.keySet())) {
            for (KeyRecord found : system.read(keys)) {
                Given given = byKey.get(found.key());
                if (given != null && side.isEqual(given, found.record())) {
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
}
