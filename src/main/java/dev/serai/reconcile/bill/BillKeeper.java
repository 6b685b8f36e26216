package dev.serai.reconcile.bill;

import dev.serai.connector.pull.PullException;
import dev.serai.ledger.Ledger;
import dev.serai.reconcile.bill.BillReport.BillDifference;
import dev.serai.reconcile.bill.BillReport.SignOff;
import dev.serai.reconcile.bill.BillRun.NotYetException;
import dev.serai.reconcile.book.BillBook;
import dev.serai.reconcile.book.BookPlace;
import dev.serai.task.OwnThread;
import dev.serai.text.LogText;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Objects;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bills of one reconcile file: compares days when that is asked for or due, keeps what was found, and takes sign-offs.
 *
 * <p>Threads: safe. It works on one thread of its own.
 */
public final class BillKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BillKeeper.class);
    private static final long TICK_MILLIS = 1_000;
    private static final int DIFFERENCES_MAX = 1_000;
    private static final int REPORTS_MAX = 100;
    /** How many days are caught up after the node was down. */
    private static final int MISSED_DAYS_MAX = 7;

    private static final Duration LOOK_EVERY = Duration.ofSeconds(30);
    /** A bill may come late, and a target may be down. */
    private static final Duration RETRY_AFTER = Duration.ofMinutes(10);

    private final String name;
    private final BillBlock block;
    private final BillTarget target;
    private final Ledger ledger;
    private final CamelContext camel;
    private final BillBook book;
    private final Clock clock;
    private final OwnThread thread;
    private volatile @Nullable BillReport running;
    private volatile @Nullable String trouble;
    private volatile boolean stopping;
    private boolean resumed;
    private Instant lookedAt = Instant.EPOCH;

    /** @param books where it keeps what it found */
    public BillKeeper(
            String name,
            BillBlock block,
            BillTarget target,
            Ledger ledger,
            CamelContext camel,
            BookPlace books,
            Clock clock) {
        this.name = name;
        this.block = block;
        this.target = target;
        this.ledger = ledger;
        this.camel = camel;
        this.book = new BillBook(books, name);
        this.clock = clock;
        lookForTrouble();
        this.thread = new OwnThread("serai-bills-" + name, "The bills of " + name);
    }

    /** Begins to look at the time, and goes on with a run that was not finished. */
    public void begin() {
        thread.repeat(this::tick, TICK_MILLIS);
    }

    private void tick() {
        BillReport waiting = null;
        synchronized (this) {
            if (running == null && !resumed) {
                waiting = interrupted();
            }
            resumed = true;
            if (running == null && waiting == null) {
                waiting = due();
            }
            running = waiting == null ? running : waiting;
        }
        if (waiting != null) {
            run(waiting);
        }
    }

    /** The run that a stop or a kill interrupted; null if there was none. */
    private @Nullable BillReport interrupted() {
        for (BillReport one : days(REPORTS_MAX)) {
            if (one.state().equals(BillReport.RUNNING)) {
                LOG.info("Bills {}: the run of {} that was interrupted begins again", LogText.of(name), one.day());
                return one;
            }
        }
        return null;
    }

    /** The run of the oldest day that is due by the file; null if none is. */
    private @Nullable BillReport due() {
        LocalTime at = block.at();
        Instant now = clock.instant();
        boolean isSetBack = now.isBefore(lookedAt);
        if (at == null || (!isSetBack && now.isBefore(lookedAt.plus(LOOK_EVERY)))) {
            return null;
        }
        lookedAt = now;
        LocalDate newest = BillDays.newest(now);
        OffsetDateTime china = now.atOffset(BillDays.CHINA);
        if (newest.plusDays(1).equals(china.toLocalDate())
                && china.toLocalTime().isBefore(at)) {
            newest = newest.minusDays(1);
        }
        LocalDate first = newest;
        for (BillReport known : days(REPORTS_MAX)) { // those of later days are of a clock that was ahead
            LocalDate day = LocalDate.parse(known.day());
            first = day.isBefore(first) ? day : first;
        }
        LocalDate oldest = newest.minusDays(MISSED_DAYS_MAX - 1L);
        for (LocalDate day = first.isBefore(oldest) ? oldest : first; !day.isAfter(newest); day = day.plusDays(1)) {
            BillReport report = BillReport.of(book.report(day));
            if (report == null || report.isToRetry(now.minus(RETRY_AFTER))) {
                return begun(day, false, false, now);
            }
        }
        return null;
    }

    private BillReport begun(LocalDate day, boolean repair, boolean dryRun, @Nullable Instant now) {
        return BillReport.begun(name, block.platform().word(), target.name(), day, repair, dryRun, now);
    }

    /** Whether another node has opened its book, so that this one can do nothing more with it. */
    public boolean isLost() {
        return book.isLost();
    }

    // ---- For those who ask

    /** The newest day whose bill is available. */
    public LocalDate newest() {
        return BillDays.newest(clock.instant());
    }

    /** What was found of a day, or is known while it is compared. */
    public BillReport report(LocalDate day) {
        BillReport now = running;
        if (now != null && now.day().equals(day.toString())) {
            return now;
        }
        BillReport saved = BillReport.of(book.report(day));
        if (saved == null) {
            return begun(day, false, false, null);
        }
        List<BillDifference> differences = saved.state().equals(BillReport.DONE)
                ? book.differing(day, "", DIFFERENCES_MAX).stream()
                        .map(BillDifference::of)
                        .toList()
                : List.of();
        return saved.with(differences);
    }

    /** The newest days that were compared, without their differences, the newest first. */
    public List<BillReport> days(int limit) {
        return book.reports(limit).stream()
                .map(BillReport::of)
                .filter(Objects::nonNull)
                .toList();
    }

    /** The newest day that does not match and that nobody signed off, in a line; null if there is none. */
    public @Nullable String trouble() {
        return trouble;
    }

    private void lookForTrouble() {
        trouble = days(REPORTS_MAX).stream()
                .filter(one -> !one.isUndecided() && !one.matchesOrIsSigned())
                .map(BillReport::trouble)
                .findFirst()
                .orElse(null);
    }

    /**
     * Begins to compare a day.
     *
     * @param reopen whether a day may be compared again that is signed off, which ends that
     * @return why not; null if it begins
     */
    public synchronized @Nullable String start(LocalDate day, boolean repair, boolean dryRun, boolean reopen) {
        if (running != null || stopping) {
            return "a run of " + name + " is under way: ask again when it is over";
        }
        BillReport before = BillReport.of(book.report(day));
        if (before != null && before.signedOff() != null && !reopen) {
            return day + " is signed off by " + before.signedOff().by() + ": give a reason to compare it again";
        }
        BillReport begun = begun(day, repair, dryRun, clock.instant());
        book.save(day, false, begun.save()); // or, if that fails, nothing is under way
        running = begun;
        thread.execute(() -> run(begun));
        return null;
    }

    /**
     * Signs a day off.
     *
     * @param reason why differences are accepted; null for none
     * @return why not; null if it is signed off now
     */
    public synchronized @Nullable String signOff(LocalDate day, String by, @Nullable String reason) {
        BillReport now = running;
        BillReport report = BillReport.of(book.report(day));
        if (now != null && now.day().equals(day.toString())) {
            return "a run of " + day + " is under way: ask again when it is over";
        }
        if (report == null || !report.state().equals(BillReport.DONE)) {
            return day + " was not compared to its end, so there is nothing to sign off";
        }
        if (report.signedOff() != null) {
            return day + " is signed off by " + report.signedOff().by() + " already";
        }
        if (!report.allMatch() && reason == null) {
            return "not everything matches (" + report.trouble() + "): repair it, or give a reason";
        }
        SignOff signOff = new SignOff(BillReport.time(clock.instant()), by, reason);
        book.save(day, true, report.signed(signOff).save());
        lookForTrouble();
        LOG.info("Bills {}: {} signed off {}", LogText.of(name), LogText.of(by), day);
        return null;
    }

    // ---- A run

    private void run(BillReport begun) {
        if (running != begun) { // a tick has done it already
            return;
        }
        LocalDate day = LocalDate.parse(begun.day());
        try {
            book.save(day, false, begun.save());
            BillReport done = new BillRun(block, target, ledger, camel, book, clock, begun).run();
            save(day, done.ended(BillReport.DONE, clock.instant(), done.reason()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // it begins again at the next start
        } catch (NotYetException e) {
            save(day, begun.ended(BillReport.WAITING, clock.instant(), e.getMessage()));
        } catch (Exception e) {
            if (!stopping
                    && !book.isLost()) { // else it did not end in time, and the book is closed, or of another node
                String reason = e instanceof PullException ? e.getMessage() : e.toString();
                resumed = false; // it begins again if that cannot be saved either
                save(day, begun.ended(BillReport.FAILED, clock.instant(), reason));
                resumed = true;
            }
        } finally {
            synchronized (this) {
                running = null;
            }
        }
    }

    private void save(LocalDate day, BillReport report) {
        boolean isDone = report.state().equals(BillReport.DONE);
        book.save(day, isDone, report.save());
        lookForTrouble();
        if (isDone && report.allMatch()) {
            LOG.info("Bills {}: {} matches, {} on the bill", LogText.of(name), day, report.onBill());
        } else if (report.state().equals(BillReport.WAITING)) {
            LOG.info("Bills {}: {} waits: {}", LogText.of(name), day, LogText.of(Objects.toString(report.reason())));
        } else {
            String word = isDone ? "does not match" : "could not be compared";
            LOG.warn("Bills {}: a day {}: {}", LogText.of(name), word, LogText.of(report.trouble()));
        }
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
