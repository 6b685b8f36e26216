package dev.serai.reconcile;

import dev.serai.ledger.Ledger;
import dev.serai.reconcile.ReconcileReport.DifferenceJson;
import dev.serai.reconcile.ReconcileState.ComparedSource;
import dev.serai.reconcile.book.Book;
import dev.serai.reconcile.book.BookPlace;
import dev.serai.reconcile.book.RunNotes.OpenDifferences;
import dev.serai.reconcile.book.RunNotes.SavedRun;
import dev.serai.reconcile.follow.LogFollower;
import dev.serai.reconcile.readback.PatientReadBack;
import dev.serai.reconcile.source.SourceBlock;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/**
 * The halves of runs that compare the source: what was accepted of each key, how far a run is, and what the last one found.
 *
 * <p>Threads: run by one, read by any.
 */
final class SourceRuns {
    private final ReconcileFile file;
    private final SourceBlock source;
    private final CamelContext context;
    private final Clock clock;
    private final Book book;
    private final SourceSide side;
    private volatile @Nullable RunProgress running;
    private volatile SourceFindings last;
    private volatile OpenDifferences open;

    private SourceRuns(
            ReconcileFile file,
            SourceBlock source,
            BookPlace books,
            String name,
            Ledger ledger,
            CamelContext context,
            Clock clock) {
        this.file = file;
        this.source = source;
        this.context = context;
        this.clock = clock;
        this.book = new Book(books, name, file.target().flow(), file.meaning(), false);
        this.side = new SourceSide(ledger, file, source, book, clock);
        this.last = SourceFindings.of(book.notes().report());
        this.open = book.notes().open();
    }

    /** Null if the file says nothing of its source; then what is known of it from before is deleted. */
    static @Nullable SourceRuns of(
            ReconcileFile file, BookPlace books, Ledger ledger, CamelContext context, Clock clock) {
        SourceBlock source = file.source();
        String name = file.name() + ".source";
        if (source == null) {
            books.delete(name);
            return null;
        }
        return new SourceRuns(file, source, books, name, ledger, context, clock);
    }

    /** Whether a run of a kind compares the source: others are of keys that the target took. */
    static boolean areDueIn(String kind) {
        return kind.equals("all") || kind.equals("only");
    }

    boolean isLost() {
        return book.isLost();
    }

    LogFollower follower() {
        return side.follower();
    }

    /** Runs to the end, or goes on with what an interrupted run had begun; {@link #ended} has to follow. */
    void run(RunRequest request) throws Exception {
        RunProgress progress = progress(request);
        running = progress;
        try (PatientReadBack records = source.access().open(context, side.name(), progress::waits)) {
            new ReconcileRun(side, records, file.rate(), clock, progress, null).run();
        }
    }

    private RunProgress progress(RunRequest request) {
        SavedRun saved = book.notes().saved();
        RunProgress progress = saved == null ? null : RunProgress.of(saved.state(), saved.seen());
        return progress == null ? new RunProgress(request, clock.instant()) : progress;
    }

    /**
     * The run is over.
     *
     * @param failure why it failed; null if it did not
     */
    void ended(@Nullable String failure) {
        RunProgress progress = running;
        if (progress == null) {
            return;
        }
        if (failure == null && progress.request.isOfAll()) {
            open = book.notes().setOpen(0, clock.instant(), true);
        }
        String reason = failure == null ? progress.note : failure;
        last = SourceFindings.of(book, progress, failure == null ? "done" : "failed", clock.instant(), reason);
        book.notes().end(last.save());
        running = null;
    }

    /** How it is, as far as the runs that have ended tell. */
    ComparedSource state() {
        String word = last.state().equals("failed")
                ? ReconcileState.FAILING
                : open.keys() > 0 ? ReconcileState.DIFFERS : ReconcileState.OK;
        return new ComparedSource(word, open.keys());
    }

    /** Keys that are not equal and were not repaired, as the last run over all keys has found. */
    OpenDifferences open() {
        return open;
    }

    /**
     * Up to when what was accepted agrees with the source, as far as the run that has ended can tell; null if it does not agree.
     *
     * @param mark up to when it agreed before; null if that is not known
     */
    @Nullable Instant agreedThrough(@Nullable Instant mark) {
        if (open.keys() > 0) {
            return null;
        }
        Instant undecided = book.notes().oldestDifference(mark);
        return undecided == null ? Instant.MAX : undecided.minusMillis(1);
    }

    /** What is found so far, or was found last. */
    SourceFindings report(int differencesMax) {
        RunProgress now = running;
        SourceFindings report = now == null ? last : SourceFindings.of(book, now, "running", null, null);
        List<DifferenceJson> differences = report.state().equals("failed")
                ? List.of()
                : book.notes().differences("", differencesMax).stream()
                        .filter(DifferenceJson::isListed)
                        .map(DifferenceJson::of)
                        .toList();
        return report.with(differences);
    }
}
