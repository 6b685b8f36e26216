package dev.serai.reconcile;

import dev.serai.connector.pull.PullException;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.delivery.Trouble;
import dev.serai.reconcile.ReconcileReport.DifferenceJson;
import dev.serai.reconcile.book.Book;
import dev.serai.reconcile.book.RunNotes;
import dev.serai.reconcile.book.RunNotes.OpenDifferences;
import dev.serai.reconcile.book.RunNotes.SavedRun;
import dev.serai.reconcile.follow.BookFollower;
import dev.serai.reconcile.readback.PatientReadBack;
import dev.serai.task.OwnThread;
import dev.serai.text.LogText;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One reconcile file at work: it follows the log, and runs when that is asked for or due.
 *
 * <p>Threads: safe. It works on one thread of its own.
 */
final class Reconciliation implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reconciliation.class);
    private static final long TICK_MILLIS = 1_000;
    /** How long following may take in each tick, so that it takes little of what deliveries need. */
    private static final Duration FOLLOW_MAX = Duration.ofMillis(100);

    private static final int DIFFERENCES_MAX = 1_000;
    private static final String FAILED = "failed";

    private final ReconcileFile file;
    private final Ledger ledger;
    private final CamelContext context;
    private final Clock clock;
    private final Book book;
    private final BookFollower follower;
    private final VerifiedMark mark;
    private final RunSchedule schedule;
    private final OwnThread thread;
    private volatile @Nullable RunProgress running;
    private volatile ReconcileReport last;
    private volatile boolean checked;
    /** Why the book cannot follow the ledger; null if it can. */
    private volatile @Nullable Trouble following;
    /** Why the last run failed; null if it did not. */
    private volatile @Nullable Trouble failure;

    private volatile boolean stopping;

    Reconciliation(ReconcileFile file, Path folder, Ledger ledger, CamelContext context, Clock clock) {
        this.file = file;
        this.ledger = ledger;
        this.context = context;
        this.clock = clock;
        this.book =
                new Book(folder.resolve(file.name() + ".db"), file.target().flow(), file.meaning(), file.hot() != null);
        this.follower = new BookFollower(ledger, file.target(), file.given(), book, clock);
        String saved = book.notes().report();
        ReconcileReport report = saved == null ? null : ReconcileReport.of(saved);
        this.last = report == null ? ReconcileReport.never(file) : report;
        String ended = this.last.endedAt();
        this.failure = ended != null && this.last.state().equals(FAILED)
                ? new Trouble(String.valueOf(this.last.reason()), Instant.parse(ended))
                : null;
        this.mark = new VerifiedMark(ledger, file, book, clock);
        this.schedule = new RunSchedule(file, book.times(), clock);
        this.thread = new OwnThread("serai-reconcile-" + file.name(), "The reconciliation " + file.name());
    }

    ReconcileFile file() {
        return file;
    }

    /** How it is, as far as the runs that have ended tell. */
    ReconcileState state() {
        Trouble unable = following;
        if (unable != null) {
            return state(ReconcileState.FAILING, unable.since(), "the ledger cannot be followed: " + unable.reason());
        }
        Trouble failed = failure;
        if (failed != null) {
            return state(ReconcileState.FAILING, failed.since(), "the last run failed: " + failed.reason());
        }
        OpenDifferences open = mark.open();
        return open.keys() == 0
                ? state(ReconcileState.OK, null, null)
                : state(
                        ReconcileState.DIFFERS,
                        open.since(),
                        open.keys() + (open.keys() == 1 ? " key is" : " keys are") + " missing, stale or different");
    }

    private ReconcileState state(String word, @Nullable Instant since, @Nullable String reason) {
        return new ReconcileState(file.name(), file.target(), word, since, reason, mark.through());
    }

    /** Begins to follow, and goes on with a run that was not finished. */
    void begin() {
        thread.repeat(this::tick, TICK_MILLIS);
    }

    private void tick() {
        try {
            work();
            following = null;
        } catch (RuntimeException e) {
            following = again(following, e.toString());
            throw e;
        }
    }

    /** The same trouble with what it says now. */
    private Trouble again(@Nullable Trouble before, String reason) {
        return new Trouble(reason, before == null ? clock.instant() : before.since());
    }

    private void work() {
        if (!checked) {
            follower.checkLedger();
            checked = true;
        }
        RunProgress waiting = running;
        if (waiting == null) {
            waiting = saved();
        }
        if (waiting == null) {
            RunRequest due = ledger.isFirstOwn() ? schedule.due(canCompareRecent()) : null;
            waiting = due == null ? null : claim(due);
        }
        if (waiting != null) {
            run(waiting);
        } else {
            follower.follow(FOLLOW_MAX);
        }
    }

    private @Nullable RunProgress saved() {
        SavedRun saved = book.notes().saved();
        if (saved == null) {
            return null;
        }
        RunProgress state = RunProgress.of(saved.state(), saved.seen());
        if (state == null) {
            return claim(RunRequest.LOOK);
        }
        synchronized (this) {
            if (running != null) {
                return null;
            }
            running = state;
        }
        LOG.info("Reconciliation {}: the run that was interrupted goes on", LogText.of(file.name()));
        return state;
    }

    /** All keys that are not recent must be known to be equal. */
    private boolean canCompareRecent() {
        return file.hot() != null && mark.through() != null && book.recent().isSwept();
    }

    /**
     * Begins a run; false if one is under way.
     *
     * @throws IllegalArgumentException with what to do, if the file has no way to do it
     */
    boolean start(RunRequest request) {
        if (request.sample() > 0 && !file.access().canReadKeys()) {
            throw new IllegalArgumentException("a sample needs read or sql in "
                    + file.path().getFileName() + ", which give records by their keys");
        }
        RunProgress claimed = claim(request);
        if (claimed == null) {
            return false;
        }
        thread.execute(() -> run(claimed));
        return true;
    }

    private synchronized @Nullable RunProgress claim(RunRequest request) {
        if (running != null || stopping) {
            return null;
        }
        RunRequest possible = request.hot() && !canCompareRecent() ? request.full() : request;
        RunProgress state = new RunProgress(possible, clock.instant());
        running = state;
        return state;
    }

    // ---- A run

    private void run(RunProgress state) {
        if (running != state) { // a tick has done it already
            return;
        }
        try (PatientReadBack target = new PatientReadBack(file.access().open(context), "target")) {
            new ReconcileRun(ledger, file, book, follower, target, clock, state).run();
            ended(state, "done", state.note);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // what is saved goes on at the next start
        } catch (Exception e) {
            if (stopping) { // it did not end in time, and the book is closed
                return;
            }
            String reason = e instanceof PullException ? e.getMessage() : e.toString();
            LOG.warn("Reconciliation {}: the run failed: {}", LogText.of(file.name()), LogText.of(reason));
            ended(state, FAILED, reason);
        } finally {
            synchronized (this) {
                running = null;
            }
        }
    }

    private void ended(RunProgress state, String word, @Nullable String reason) {
        boolean done = word.equals("done");
        failure = done ? null : again(failure, String.valueOf(reason));
        schedule.ended(state);
        if (done && state.request.sample() > 0) {
            mark.hold();
        } else if (done && state.request.only().isEmpty()) {
            mark.move(state);
        }
        ReconcileReport report = report(state, word, clock.instant(), reason);
        last = report;
        book.notes().end(report.save());
        if (done) {
            LOG.info(
                    "Reconciliation {}: {} keys, {} equal, {} missing, {} stale, {} extra, {} differ; verified through"
                            + " {}",
                    LogText.of(file.name()),
                    report.keys(),
                    report.equal(),
                    report.missing(),
                    report.stale(),
                    report.extra(),
                    report.differs(),
                    mark.through());
        }
    }

    /** What is found so far, or was found last. */
    ReconcileReport report() {
        RunProgress now = running;
        ReconcileReport report = now == null ? last : report(now, "running", null, null);
        Instant verified = mark.through();
        Map<String, String> marks = verified == null
                ? Map.of()
                : Map.of(file.target().flow() + "/" + file.target().target(), verified.toString());
        List<DifferenceJson> differences = book.notes().differences("", DIFFERENCES_MAX).stream()
                .filter(DifferenceJson::isListed)
                .map(DifferenceJson::of)
                .toList();
        return report.with(marks, differences);
    }

    private ReconcileReport report(RunProgress state, String word, @Nullable Instant endedAt, @Nullable String reason) {
        RunNotes notes = book.notes();
        return ReconcileReport.of(
                file, state, word, endedAt, reason, notes.counts(), notes.repaired(), book.idEnd(), book.gap());
    }

    @Override
    public void close() {
        synchronized (this) {
            stopping = true;
        }
        thread.close();
        book.close();
    }
}
