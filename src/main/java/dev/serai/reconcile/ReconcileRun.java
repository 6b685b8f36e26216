package dev.serai.reconcile;

import dev.serai.connector.pull.PullException;
import dev.serai.reconcile.RunProgress.RunPhase;
import dev.serai.reconcile.book.Book;
import dev.serai.reconcile.book.KeyFinding;
import dev.serai.reconcile.book.KeySample;
import dev.serai.reconcile.book.RunNotes;
import dev.serai.reconcile.follow.LogFollower;
import dev.serai.reconcile.readback.PatientReadBack;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * One comparison of a side: {@link FirstLook} finds what may differ, {@link SecondLook} decides, and a repair mends it.
 *
 * <p>Its memory is bounded: one page of records, and one bit for each key. Its place is saved, and it goes on there after a kill.
 *
 * <p>Threads: one thread; interrupting it stops the run, which then goes on at the next start.
 */
final class ReconcileRun {
    private static final Duration SAVE_EVERY = Duration.ofSeconds(2);
    private static final int KEYS_AT_ONCE = 1_000;

    private final ComparedSide side;
    private final Book book;
    private final RunNotes notes;
    private final LogFollower follower;
    private final PatientReadBack system;
    private final FirstLook firstLook;
    private final SecondLook secondLook;
    private final Clock clock;
    private final RunProgress state;
    private final @Nullable RecentLook recent;
    private Instant savedAt = Instant.MIN;

    /**
     * @param rate how many keys are compared per second at most; 0 for no limit
     * @param state new, or as it was saved
     * @param recent what is done about recent keys meanwhile; null for nothing
     */
    ReconcileRun(
            ComparedSide side,
            PatientReadBack system,
            double rate,
            Clock clock,
            RunProgress state,
            @Nullable RecentLook recent) {
        this.side = side;
        this.book = side.book();
        this.notes = book.notes();
        this.follower = side.follower();
        this.system = system;
        this.clock = clock;
        this.state = state;
        this.recent = recent;
        Pace pace = new Pace(rate);
        this.firstLook = new FirstLook(side, system, state, pace, this::betweenPages);
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
            firstLook.lookAt(KeySample.of(book, state.request.sample(), new SplittableRandom()));
            state.phase = RunPhase.CONFIRMING;
        }
        if (state.request.hot() && state.phase == RunPhase.LISTING) {
            lookAtRecent();
            state.phase = RunPhase.CONFIRMING;
        }
        if (state.phase == RunPhase.LISTING) {
            if (system.canList()) {
                savedAt = Instant.MIN; // the first page is saved at once
                firstLook.list();
            }
            state.phase = RunPhase.SEARCHING;
        }
        if (state.phase == RunPhase.SEARCHING) {
            firstLook.search();
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
            firstLook.lookAt(page);
            page = book.recent().before(state.turn, page.get(page.size() - 1), KEYS_AT_ONCE);
        }
    }

    private void betweenPages() throws Exception {
        if (recent != null && state.request.isOfAll()) {
            recent.lookIfDue(state);
        }
        saveSometimes();
    }

    // ---- Saving

    private void saveSometimes() {
        if (Duration.between(savedAt, clock.instant()).abs().compareTo(SAVE_EVERY) > 0) {
            save();
        }
    }

    private void save() {
        notes.save(state.save(), state.seen);
        savedAt = clock.instant();
    }
}
