package dev.serai.reconcile;

import dev.serai.camel.FlowRoutes;
import dev.serai.camel.RouteFileStatus;
import dev.serai.camel.RouteFileStatus.RefusedFile;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.TargetName;
import dev.serai.reconcile.ReconcileFileReader.BadFileException;
import dev.serai.reconcile.bill.BillBlock;
import dev.serai.reconcile.bill.BillKeeper;
import dev.serai.reconcile.book.BookException;
import dev.serai.reconcile.book.BookFolder;
import dev.serai.task.RepeatedTask;
import dev.serai.text.LogText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All reconciliations of a node, one for each file {@code NAME.reconcile.yaml}. A file that is saved anew is read anew; one with
 * mistakes is reported as a refused file, and what was read before stays.
 *
 * <p>Threads: safe.
 */
public final class Reconciler {
    private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);
    private static final long LOOK_MILLIS = 3_000;
    private static final String KIND = "reconcile";

    private final CamelContext context;
    private final Supplier<List<Path>> files;
    private final Path folder;
    private final Clock clock;
    private final Map<String, Reconciliation> byName = new ConcurrentHashMap<>();
    private final Map<String, BillKeeper> bills = new ConcurrentHashMap<>();
    private final Map<Path, FileStamp> seen = new HashMap<>();
    private final Map<Path, RefusedFile> refused = new TreeMap<>();
    private final RouteFileStatus status;
    /** The flows that kept no digests at the last look. */
    private Set<String> undigested = Set.of();

    private @Nullable ScheduledExecutorService looks;
    private @Nullable Ledger ledger;

    /** By this a change of a file is noticed. */
    private record FileStamp(FileTime modified, long size) {
        static @Nullable FileStamp of(Path file) {
            try {
                return new FileStamp(Files.getLastModifiedTime(file), Files.size(file));
            } catch (IOException e) {
                return null;
            }
        }
    }

    /**
     * Nothing is read yet.
     *
     * @param files the reconcile files that there are now
     * @param folder for the books
     */
    public Reconciler(CamelContext context, Supplier<List<Path>> files, Path folder, Clock clock) {
        this.context = context;
        this.status = RouteFileStatus.of(context);
        this.files = files;
        this.folder = folder;
        this.clock = clock;
    }

    /** Whether a file's name says that it is a reconcile file. */
    public static boolean isReconcileFile(Path file) {
        return ReconcileFileReader.ENDINGS.stream().anyMatch(String.valueOf(file.getFileName())::endsWith);
    }

    /** The mistakes in all files, each in a line with file and line; with routes also what those do not allow. */
    public List<String> mistakes(boolean withRoutes) {
        List<String> mistakes = new ArrayList<>();
        Map<String, Path> names = new TreeMap<>();
        for (Path file : files.get()) {
            try {
                ReconcileFile read = ReconcileFileReader.read(file, context, withRoutes);
                Path other = names.put(read.name(), file);
                if (other != null) {
                    mistakes.add(sameName(file, other));
                }
            } catch (BadFileException e) {
                mistakes.addAll(String.valueOf(e.getMessage()).lines().toList());
            }
        }
        return mistakes;
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
        dropUndigested();
        Map<String, Path> names = new HashMap<>();
        for (Path file : files.get()) {
            Path other = names.putIfAbsent(ReconcileFileReader.nameOf(file), file);
            FileStamp stamp = FileStamp.of(file);
            if (other != null) {
                refuse(file, sameName(file, other));
            } else if (stamp != null && !stamp.equals(seen.put(file, stamp))) {
                load(file, now);
            }
        }
        seen.keySet().retainAll(names.values());
        byName.forEach((name, one) -> {
            if (!names.containsKey(name)) {
                byName.remove(name);
                one.close();
                closeBills(name);
            }
        });
        refused.keySet().retainAll(files.get());
        status.setRefused(KIND, List.copyOf(refused.values()));
    }

    /** Forgets the digests of flows that keep none, and looks at all files again when other flows do. */
    private void dropUndigested() {
        @Nullable FlowRoutes routes = context.getRegistry().findSingleByType(FlowRoutes.class);
        Set<String> now = routes == null ? Set.of() : routes.withoutDigests().keySet();
        if (now.equals(undigested)) {
            return;
        }
        byName.forEach((name, one) -> {
            if (now.contains(one.file().target().flow())) {
                byName.remove(name);
                one.close();
                closeBills(name);
            }
        });
        for (Path book : BookFolder.deleteOf(now, folder)) {
            LOG.info("Reconciliation: {} is deleted, since its flow says digests: false", book);
        }
        seen.clear();
        undigested = Set.copyOf(now);
    }

    private static String sameName(Path file, Path other) {
        return file + ": " + other + " has the same name: give one of them another name";
    }

    private void load(Path file, Ledger now) {
        try {
            ReconcileFile read = ReconcileFileReader.read(file, context, true);
            Reconciliation before = byName.remove(read.name());
            if (before != null) {
                before.close();
            }
            closeBills(read.name());
            Reconciliation fresh = new Reconciliation(read, folder, now, context, clock);
            byName.put(read.name(), fresh);
            fresh.begin();
            BillBlock bill = read.bill();
            if (bill != null) {
                BillKeeper keeper =
                        new BillKeeper(read.name(), bill, read.billTarget(context), now, context, folder, clock);
                bills.put(read.name(), keeper);
                keeper.begin();
            }
            refused.remove(file);
            LOG.info("Reconciliation {}: follows {}", read.name(), read.target());
        } catch (BadFileException e) {
            refuse(file, String.valueOf(e.getMessage()));
        } catch (BookException | UncheckedIOException e) {
            seen.remove(file); // tried again
            refuse(file, String.valueOf(e.getMessage()));
        }
    }

    private void refuse(Path file, String reason) {
        RefusedFile before = refused.get(file);
        RefusedFile fresh = RefusedFile.of(file, reason, clock.instant()).after(before);
        if (fresh != before) {
            refused.put(file, fresh);
            LOG.warn("{}", LogText.of(reason));
        }
    }

    private void closeBills(String name) {
        BillKeeper before = bills.remove(name);
        if (before != null) {
            before.close();
        }
    }

    /** Stops all runs; they go on at the next start. */
    public synchronized void stop() {
        if (looks != null) {
            looks.shutdownNow();
        }
        ledger = null;
        byName.values().forEach(Reconciliation::close);
        byName.clear();
        bills.values().forEach(BillKeeper::close);
        bills.clear();
    }

    // ---- For those who ask

    public List<String> names() {
        return byName.keySet().stream().sorted().toList();
    }

    /** The names of the files that have a bill. */
    public List<String> bills() {
        return bills.keySet().stream().sorted().toList();
    }

    /** The bills of a file; empty if it has none. */
    public Optional<BillKeeper> bills(String name) {
        return Optional.ofNullable(bills.get(name));
    }

    /** Why the file of a name is refused; empty if it is not. */
    public synchronized Optional<String> refusal(String name) {
        return refused.entrySet().stream()
                .filter(one -> ReconcileFileReader.nameOf(one.getKey()).equals(name))
                .map(one -> one.getValue().reason())
                .findFirst();
    }

    /** What is found so far, or was found last; empty if there is no such file. */
    public Optional<ReconcileReport> report(String name) {
        return Optional.ofNullable(byName.get(name)).map(Reconciliation::report);
    }

    /**
     * Begins a run; false if one is under way, or there is no such file.
     *
     * @throws IllegalArgumentException with what to do, if the file has no way to do it
     */
    public boolean start(String name, RunRequest request) {
        Reconciliation one = byName.get(name);
        return one != null && one.start(request);
    }

    /** How each is, by name. */
    public List<ReconcileState> states() {
        return byName.values().stream()
                .map(Reconciliation::state)
                .sorted(Comparator.comparing(ReconcileState::name))
                .toList();
    }

    /** How many keys are known not to be equal, for each side that is compared; of several files the sum. */
    public Map<ReconcileState.Side, Long> differing() {
        Map<ReconcileState.Side, Long> counts = new HashMap<>();
        states().forEach(one -> one.eachSide((side, keys) -> counts.merge(side, keys, Long::sum)));
        return counts;
    }

    /** Up to when everything that was accepted is equal, for targets of which that is known; of several files the earliest. */
    public Map<TargetName, Instant> verifiedThrough() {
        Map<TargetName, Instant> marks = new HashMap<>();
        for (ReconcileState one : states()) {
            Instant through = one.verifiedThrough();
            if (through != null) {
                marks.merge(one.target(), through, (some, other) -> some.isBefore(other) ? some : other);
            }
        }
        return marks;
    }
}
