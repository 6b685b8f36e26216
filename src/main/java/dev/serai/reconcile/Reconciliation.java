package dev.serai.reconcile;

import dev.serai.connector.pull.PullException;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.delivery.Trouble;
import dev.serai.reconcile.ReconcileReport.DifferenceJson;
import dev.serai.reconcile.RunProgress.RunPhase;
import dev.serai.reconcile.book.Book;
import dev.serai.reconcile.book.BookPlace;
import dev.serai.reconcile.book.RunNotes;
import dev.serai.reconcile.book.RunNotes.SavedRun;
import dev.serai.reconcile.follow.FollowBudget;
import dev.serai.reconcile.follow.LogFollower;
import dev.serai.reconcile.readback.PatientReadBack;
import dev.serai.task.OwnThread;
import dev.serai.text.LogText;
import java.time.Clock;
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
    private static final int DIFFERENCES_MAX = 1_000;
    private static final String FAILED = "failed";
    private static final String SOURCE = "the source";

    private final ReconcileFile file;
    private final CamelContext context;
    private final Clock clock;
    private final Book book;
    private final TargetSide target;
    private final @Nullable SourceRuns source;
    private final List<LogFollower> followers;
    private final FollowBudget budget;
    private final VerifiedMark mark;
    private final RunSchedule schedule;
    private final RecentLook recent;
    private final OwnThread thread;
    private volatile @Nullable RunProgress running;
    private volatile ReconcileReport last;
    private volatile boolean checked;
    /** Why the book cannot follow the ledger; null if it can. */
    private volatile @Nullable Trouble following;
    /** Why the last run failed; null if it did not. */
    private volatile @Nullable Trouble failure;

    private volatile boolean stopping;

    /** @param budget how long it may follow the log */
    Reconciliation(
            ReconcileFile file,
            BookPlace books,
            Ledger ledger,
            CamelContext context,
            Clock clock,
            FollowBudget budget) {
        this.file = file;
        this.context = context;
        this.clock = clock;
        this.book = new Book(books, file.name(), file.target().flow(), file.meaning(), file.hot() != null);
        this.target = new TargetSide(ledger, file, book, clock);
        try {
            this.source = SourceRuns.of(file, books, ledger, context, clock);
        } catch (RuntimeException e) {
            book.close();
            throw e;
        }
        this.followers = source == null ? List.of(target.follower()) : List.of(target.follower(), source.follower());
        this.budget = budget;
        ReconcileReport report = ReconcileReport.of(book.notes().report());
        this.last = report == null ? ReconcileReport.never(file) : report;
        String ended = this.last.endedAt();
        this.failure = ended != null && this.last.state().equals(FAILED)
                ? new Trouble(String.valueOf(this.last.reason()), Instant.parse(ended))
                : null;
        this.mark = new VerifiedMark(ledger, file, book, clock);
        this.schedule = new RunSchedule(file, book.times(), clock);
        this.recent = new RecentLook(target, file, context, schedule, mark);
        this.thread = new OwnThread("serai-reconcile-" + file.name(), "The reconciliation " + file.name());
    }

    ReconcileFile file() {
        return file;
    }

    /** Whether another node has opened its books, so that this one can do nothing more with them. */
    boolean isLost() {
        return book.isLost() || source != null && source.isLost();
    }

    /** How it is, as far as the runs that have ended tell. */
    ReconcileState state() {
        Trouble unable = following;
        Trouble failed = failure;
        Trouble failing = null;
        if (unable != null) {
            failing = new Trouble("the ledger cannot be followed: " + unable.reason(), unable.since());
        } else if (failed != null) {
            failing = new Trouble("the last run failed: " + failed.reason(), failed.since());
        }
        return ReconcileState.of(file, mark, source, failing);
    }

    /** Begins to follow, and goes on with a run that was not finished. */
    void begin() {
        saved();
        thread.repeat(this::tick, TICK_MILLIS);
    }

    private void tick() {
        try {
            work();
            following = null;
        } catch (RuntimeException e) {
            if (!isLost()) { // else the node that keeps the books now does it
                following = Trouble.again(following, e.toString(), clock.instant());
                throw e;
            }
        }
    }

    private void work() {
        if (!checked) {
            followers.forEach(LogFollower::checkLedger);
            checked = true;
        }
        RunProgress waiting = running;
        if (waiting == null) {
            waiting = saved();
        }
        if (waiting == null) {
            RunRequest due = schedule.due(recent.isEnough());
            waiting = due == null ? null : claim(due);
        }
        if (waiting != null) {
            run(waiting);
        } else {
            budget.spend(max -> followers.forEach(one -> one.readAhead(max)));
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
        RunRequest possible = request.hot() && !recent.isEnough() ? request.full() : request;
        RunProgress state = new RunProgress(possible, clock.instant());
        book.notes().save(state.save(), state.seen); // or, if that fails, nothing is under way
        running = state;
        return state;
    }

    // ---- A run

    private void run(RunProgress state) {
        if (running != state) { // a tick has done it already
            return;
        }
        try {
            if (state.phase != RunPhase.SOURCE) { // where an interrupted run may go on
                try (PatientReadBack records = file.access().open(context, target.name(), state::waits)) {
                    // With a source the mark goes forward only where both agree, which the run itself finds out.
                    RecentLook meanwhile = source == null ? recent : null;
                    new ReconcileRun(target, records, file.rate(), clock, state, meanwhile).run();
                }
            }
            if (source != null && SourceRuns.areDueIn(state.request.kind())) {
                state.phase = RunPhase.SOURCE;
                book.notes().save(state.save(), state.seen);
                source.run(state.request);
            }
            ended(state, "done", state.note);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // what is saved goes on at the next start
        } catch (Exception e) {
            if (stopping || isLost()) { // it did not end in time, and the book is closed, or of another node
                return;
            }
            String reason = String.valueOf(e instanceof PullException ? e.getMessage() : e.toString());
            if (state.phase == RunPhase.SOURCE && !reason.contains(SOURCE)) {
                reason = SOURCE + ": " + reason;
            }
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
        boolean targetDone = done || state.phase == RunPhase.SOURCE;
        if (source != null) {
            source.ended(done ? null : reason);
        }
        failure = done ? null : Trouble.again(failure, String.valueOf(reason), clock.instant());
        schedule.ended(state);
        if (targetDone && state.request.sample() > 0) {
            mark.hold();
        } else if (targetDone && state.request.only().isEmpty()) {
            mark.move(state, done ? bound(state.request) : null);
        }
        ReconcileReport report = report(state, word, clock.instant(), reason);
        boolean isNews = report.isNews(last);
        last = report;
        book.notes().end(report.save());
        if (done && isNews) {
            String found = report.with(Map.of(), List.of(), source == null ? null : source.report(0))
                    .summary();
            LOG.info("Reconciliation {}: {}; verified through {}", LogText.of(file.name()), found, mark.through());
        }
    }

    /** How far the mark may go; null if it must not go forward: with a source, only where both agree. */
    private @Nullable Instant bound(RunRequest request) {
        return source == null ? Instant.MAX : request.isOfAll() ? source.agreedThrough(mark.through()) : null;
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
        return report.with(marks, differences, source == null ? null : source.report(DIFFERENCES_MAX));
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
        followers.forEach(LogFollower::close);
    }
}
