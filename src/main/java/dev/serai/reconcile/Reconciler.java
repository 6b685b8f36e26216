package dev.serai.reconcile;

import dev.serai.camel.RouteFileStatus;
import dev.serai.camel.RouteFileStatus.RefusedFile;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.StoreException;
import dev.serai.reconcile.bill.BillBlock;
import dev.serai.reconcile.bill.BillKeeper;
import dev.serai.reconcile.book.BookException;
import dev.serai.reconcile.book.BookPlace;
import dev.serai.reconcile.follow.FollowBudget;
import dev.serai.task.RepeatedTask;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reconciliations of a node, one for each file {@code NAME.reconcile.yaml}. A file that is saved anew is read anew; one with
 * mistakes is reported as a refused file, and what was read before stays.
 *
 * <p>Of several nodes that share a ledger the one that has the first shard opens the books, and only that one runs and answers. When the
 * shard goes to another node, that opens the books, and a run goes on there.
 *
 * <p>Threads: safe.
 */
public final class Reconciler {
    private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);
    private static final long LOOK_MILLIS = 1_000;
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final String KIND = "reconcile";

    private final CamelContext context;
    private final ReconcileFiles files;
    private final BookPlace books;
    private final Clock clock;
    private final Map<String, KeptFile> open = new ConcurrentHashMap<>();
    /** Files whose books could not be opened at the last look. */
    private final Map<Path, RefusedFile> unopened = new ConcurrentSkipListMap<>();

    private final RouteFileStatus status;
    /** The flows whose books were deleted, since they keep no digests. */
    private Set<String> deleted = Set.of();

    private @Nullable ScheduledExecutorService looks;
    private volatile @Nullable Ledger ledger;

    /** What this node does about a file while it keeps the books. */
    private record KeptFile(
            Reconciliation targets, @Nullable BillKeeper bills) {
        boolean isLost() {
            return targets.isLost() || bills != null && bills.isLost();
        }

        void close() {
            targets.close();
            if (bills != null) {
                bills.close();
            }
        }
    }

    /**
     * Nothing is read yet.
     *
     * @param files the reconcile files that there are now
     * @param books where the books are
     */
    public Reconciler(CamelContext context, Supplier<List<Path>> files, BookPlace books, Clock clock) {
        this.context = context;
        this.status = RouteFileStatus.of(context);
        this.files = new ReconcileFiles(context, files, clock);
        this.books = books;
        this.clock = clock;
    }

    /** Whether a file's name says that it is a reconcile file. */
    public static boolean isReconcileFile(Path file) {
        return ReconcileFileReader.ENDINGS.stream().anyMatch(String.valueOf(file.getFileName())::endsWith);
    }

    /** The mistakes in all files, each in a line with file and line; with routes also what those do not allow. */
    public List<String> mistakes(boolean withRoutes) {
        return files.mistakes(withRoutes);
    }

    /** Begins to follow the ledger, and to look at the files. */
    public synchronized void start(Ledger opened) {
        ledger = opened;
        ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread made = new Thread(work, "serai-reconcile-files");
            made.setDaemon(true);
            return made;
        });
        looks = thread;
        new RepeatedTask("The look at the reconcile files", this::look).start(thread, 0, LOOK_MILLIS);
    }

    private synchronized void look() {
        Ledger now = ledger;
        if (now == null) {
            return;
        }
        files.look();
        unopened.keySet().removeIf(path -> files.known().values().stream()
                .noneMatch(file -> file.path().equals(path)));
        keep(now);
        status.setRefused(
                KIND,
                Stream.concat(files.refused().values().stream(), unopened.values().stream())
                        .toList());
    }

    /** Opens the books of the files that are known, if they are this node's to keep, and closes all others. */
    private void keep(Ledger now) {
        boolean isKeeper = now.isFirstOwn();
        open.forEach((name, one) -> {
            if (!isKeeper
                    || one.isLost()
                    || one.targets().file() != files.known().get(name)) {
                open.remove(name);
                one.close();
            }
        });
        if (!isKeeper) {
            deleted = Set.of();
            unopened.clear();
            return;
        }
        Set<String> undigested = files.undigested();
        if (!deleted.equals(undigested)) {
            for (String book : books.deleteOf(undigested)) {
                LOG.info("Reconciliation: the book {} is deleted, since its flow says digests: false", book);
            }
            deleted = undigested;
        }
        files.known().forEach((name, file) -> {
            if (!open.containsKey(name)) {
                open(file, now);
            }
        });
    }

    private void open(ReconcileFile file, Ledger now) {
        try {
            FollowBudget budget = new FollowBudget(() -> Math.max(1, open.size()));
            Reconciliation fresh = new Reconciliation(file, books, now, context, clock, budget);
            BillBlock bill = file.bill();
            BillKeeper keeper = null;
            try {
                keeper = bill == null
                        ? null
                        : new BillKeeper(file.name(), bill, file.billTarget(context), now, context, books, clock);
                fresh.begin();
            } catch (RuntimeException e) {
                new KeptFile(fresh, keeper).close();
                throw e;
            }
            if (keeper != null) {
                keeper.begin();
            }
            open.put(file.name(), new KeptFile(fresh, keeper));
            unopened.remove(file.path());
            LOG.info("Reconciliation {}: follows {}", file.name(), file.target());
        } catch (BookException | StoreException | UncheckedIOException e) { // tried again
            ReconcileFiles.refuse(unopened, file.path(), String.valueOf(e.getMessage()), clock.instant());
        }
    }

    /** Stops all runs; they go on at the next start. */
    public synchronized void stop() {
        if (looks != null) {
            looks.shutdownNow();
        }
        ledger = null;
        open.values().forEach(KeptFile::close);
        open.clear();
        files.forget();
    }

    // ---- For those who ask

    /** The names of the files that are in force, whichever node keeps their books. */
    public List<String> names() {
        return inForce().map(ReconcileFile::name).toList();
    }

    /** The names of those that have a bill. */
    public List<String> bills() {
        return inForce()
                .filter(file -> file.bill() != null)
                .map(ReconcileFile::name)
                .toList();
    }

    private Stream<ReconcileFile> inForce() {
        Ledger now = ledger;
        boolean isKeeper = now == null || now.isFirstOwn();
        return files.known().values().stream()
                .filter(file -> !isKeeper || open.containsKey(file.name()) || unopened.containsKey(file.path()))
                .sorted(Comparator.comparing(ReconcileFile::name));
    }

    /** What there is to say of each while that is not known here, since the node that keeps the books does not tell. */
    public List<ReconcileState> unknown(String reason, Instant since) {
        return inForce()
                .map(file -> ReconcileState.unknown(file, reason, since))
                .toList();
    }

    /** Why the file of a name is refused; empty if it is not. */
    public Optional<String> refusal(String name) {
        return files.refused().entrySet().stream()
                .filter(one -> ReconcileFileReader.nameOf(one.getKey()).equals(name))
                .map(one -> one.getValue().reason())
                .findFirst();
    }

    /**
     * What is found so far, or was found last; empty if there is no such file. Like what follows it is for the node that keeps the books.
     *
     * @throws LedgerException.Overloaded if the books are not open yet, like what follows
     * @throws LedgerException.Unavailable with the reason if they cannot be opened, like what follows
     */
    public Optional<ReconcileReport> report(String name) {
        return opened(name).map(one -> one.targets().report());
    }

    /** The bills of a file; empty if it has none. */
    public Optional<BillKeeper> bills(String name) {
        return opened(name).flatMap(one -> Optional.ofNullable(one.bills()));
    }

    /**
     * Begins a run; false if one is under way, or there is no such file.
     *
     * @throws IllegalArgumentException with what to do, if the file has no way to do it
     */
    public boolean start(String name, RunRequest request) {
        return opened(name).map(one -> one.targets().start(request)).orElse(false);
    }

    private Optional<KeptFile> opened(String name) {
        KeptFile found = open.get(name);
        ReconcileFile file = files.known().get(name);
        if (found == null && file != null) {
            RefusedFile reason = unopened.get(file.path());
            if (reason != null) {
                throw new LedgerException.Unavailable(reason.reason(), new StoreException(reason.reason()));
            }
            throw new LedgerException.Overloaded("the books of " + name + " are being opened: ask again", SOON);
        }
        return Optional.ofNullable(found);
    }

    /** How each is, by name. */
    public List<ReconcileState> states() {
        Stream<ReconcileState> closed = files.known().values().stream()
                .filter(file -> !open.containsKey(file.name()))
                .flatMap(file -> Stream.ofNullable(unopened.get(file.path()))
                        .map(one -> ReconcileState.unknown(file, one.reason(), one.since())));
        return Stream.concat(open.values().stream().map(one -> one.targets().state()), closed)
                .sorted(Comparator.comparing(ReconcileState::name))
                .toList();
    }

    /** By name: the newest day of a bill that does not match and that nobody signed off. */
    public Map<String, String> billTroubles() {
        Map<String, String> troubles = new TreeMap<>();
        open.forEach((name, one) -> {
            BillKeeper bills = one.bills();
            String trouble = bills == null ? null : bills.trouble();
            if (trouble != null) {
                troubles.put(name, trouble);
            }
        });
        return troubles;
    }
}
