package dev.serai.reconcile;

import dev.serai.connector.pull.PullException;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.Cursor;
import dev.serai.reconcile.ReconcileReport.DifferenceJson;
import dev.serai.reconcile.book.Book;
import dev.serai.reconcile.book.RunNotes;
import dev.serai.reconcile.book.RunNotes.SavedRun;
import dev.serai.reconcile.readback.PatientReadBack;
import dev.serai.task.RepeatedTask;
import dev.serai.text.LogText;
import java.nio.file.Path;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One reconcile file at work: it follows the log, runs when that is asked for or due, and keeps the mark.
 *
 * <p>The mark is in the ledger, under a cursor that nobody is shown; the rest can be made again.
 *
 * <p>Threads: safe. It works on one thread of its own.
 */
final class Reconciliation implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reconciliation.class);
    private static final long TICK_MILLIS = 1_000;
    /** How long following may take in each tick, so that it takes little of what deliveries need. */
    private static final Duration FOLLOW_MAX = Duration.ofMillis(100);

    private static final long STOP_SECONDS_MAX = 3;
    private static final int DIFFERENCES_MAX = 1_000;

    private final ReconcileFile file;
    private final Ledger ledger;
    private final CamelContext context;
    private final Clock clock;
    private final Book book;
    private final BookFollower follower;
    private final ScheduledExecutorService thread;
    private volatile @Nullable RunProgress running;
    private volatile ReconcileReport last;
    private volatile @Nullable Instant mark;
    private volatile boolean checked;
    /** When the last run over all keys began; null if none is known. */
    private volatile @Nullable Instant sweptAt;

    private volatile Instant hotAt = Instant.EPOCH;
    private volatile boolean stopping;

    Reconciliation(ReconcileFile file, Path folder, Ledger ledger, CamelContext context, Clock clock) {
        this.file = file;
        this.ledger = ledger;
        this.context = context;
        this.clock = clock;
        this.book = new Book(folder.resolve(file.name() + ".db"), file.meaning(), file.hot() != null);
        this.follower = new BookFollower(ledger, file, book, clock);
        String saved = book.notes().report();
        ReconcileReport report = saved == null ? null : ReconcileReport.of(saved);
        this.last = report == null ? ReconcileReport.never(file) : report;
        String started = this.last.startedAt();
        this.sweptAt = started == null || this.last.hot() ? null : Instant.parse(started);
        this.mark = savedMark();
        this.thread = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread made = new Thread(work, "serai-reconcile-" + file.name());
            made.setDaemon(true);
            return made;
        });
    }

    private @Nullable Instant savedMark() {
        try {
            return ledger.cursor(markName())
                    .map(cursor -> Instant.parse(cursor.value()))
                    .orElse(null);
        } catch (DateTimeException e) {
            return null;
        }
    }

    private String markName() {
        return Cursor.HIDDEN + "verified:" + file.name();
    }

    ReconcileFile file() {
        return file;
    }

    /** Up to when everything that was accepted is equal; null if that is not known. */
    @Nullable Instant verifiedThrough() {
        return mark;
    }

    /** Begins to follow, and goes on with a run that was not finished. */
    void begin() {
        new RepeatedTask("The reconciliation " + file.name(), this::tick).start(thread, 0, TICK_MILLIS);
    }

    private void tick() {
        if (!checked) {
            follower.checkLedger();
            checked = true;
        }
        RunProgress waiting = running;
        if (waiting == null) {
            waiting = saved();
        }
        if (waiting == null && isDue()) {
            waiting = claim(RunRequest.LOOK);
        } else if (waiting == null && isHotDue()) {
            waiting = claim(RunRequest.LOOK_AT_RECENT);
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
        synchronized (this) {
            if (state == null || running != null) {
                return null;
            }
            running = state;
        }
        LOG.info("Reconciliation {}: the run that was interrupted goes on", LogText.of(file.name()));
        return state;
    }

    private boolean isDue() {
        Duration every = file.every();
        Instant started = sweptAt;
        return every != null && (started == null || !started.plus(every).isAfter(clock.instant()));
    }

    private boolean isHotDue() {
        Duration hot = file.hot();
        return hot != null && canCompareRecent() && !hotAt.plus(hot).isAfter(clock.instant());
    }

    /** All keys that are not recent must be known to be equal. */
    private boolean canCompareRecent() {
        return file.hot() != null && mark != null && book.recent().isSwept();
    }

    /** Begins a run; false if one is under way. */
    boolean start(RunRequest request) {
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
        try (PatientReadBack target = new PatientReadBack(file.readBack(context))) {
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
            ended(state, "failed", reason);
        } finally {
            synchronized (this) {
                running = null;
            }
        }
    }

    private void ended(RunProgress state, String word, @Nullable String reason) {
        boolean done = word.equals("done");
        hotAt = clock.instant();
        sweptAt = state.request.hot() ? sweptAt : state.startedAt;
        if (done && state.request.only().isEmpty()) {
            move(state);
        }
        ReconcileReport report = report(state, word, clock.instant(), reason);
        last = report;
        book.notes().end(report.save());
        if (done) {
            LOG.info(
                    "Reconciliation {}: {} keys, {} equal, {} missing, {} stale, {} extra, {} differ; verified through {}",
                    LogText.of(file.name()),
                    report.keys(),
                    report.equal(),
                    report.missing(),
                    report.stale(),
                    report.extra(),
                    report.differs(),
                    mark);
        }
    }

    /** The mark goes back if something differs that was equal before. */
    private void move(RunProgress state) {
        Instant to = Objects.requireNonNull(state.through, "the run has compared");
        Instant differing = book.notes().oldestDifference();
        if (differing != null && !differing.isAfter(to)) {
            to = differing.minusMillis(1);
        }
        if (!to.isAfter(Instant.EPOCH)) { // nothing is known for sure
            return;
        }
        book.recent().compared(state.turn, !state.request.hot());
        mark = to;
        ledger.saveCursor(new Cursor(markName(), to.toString(), clock.instant()))
                .join();
    }

    /** What is found so far, or was found last. */
    ReconcileReport report() {
        RunProgress now = running;
        ReconcileReport report = now == null ? last : report(now, "running", null, null);
        Instant verified = mark;
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
                file, state, word, endedAt, reason, notes.counts(), notes.repaired(), book.isComplete());
    }

    @Override
    public void close() {
        synchronized (this) {
            stopping = true;
        }
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(STOP_SECONDS_MAX, TimeUnit.SECONDS)) {
                LOG.warn("Reconciliation {}: its thread did not end in time", LogText.of(file.name()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        book.close();
    }
}
