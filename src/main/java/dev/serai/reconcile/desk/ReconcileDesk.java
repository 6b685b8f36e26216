package dev.serai.reconcile.desk;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.TargetName;
import dev.serai.reconcile.ReconcileReport;
import dev.serai.reconcile.ReconcileState;
import dev.serai.reconcile.Reconciler;
import dev.serai.reconcile.RunRequest;
import dev.serai.reconcile.bill.BillReport;
import dev.serai.reconcile.desk.DeskCall.DeskAct;
import dev.serai.text.ExactJson;
import dev.serai.text.IsoTimes;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * The reconciliations and bills of a ledger, at whichever node one asks: the node that has the first shard keeps the books, and the others
 * pass questions on to it.
 *
 * <p>Threads: safe; calls may block. They throw {@link LedgerException}: {@code Overloaded} while no node keeps the books, {@code
 * Unavailable} if that node does not answer or cannot read them, {@code InUse} if what is asked for is refused now, {@code Invalid} if it
 * makes no sense.
 */
public final class ReconcileDesk implements AutoCloseable {
    private static final String PART = "reconcile";
    private static final int THREADS = 2;

    private static final ObjectMapper JSON = ExactJson.MAPPER
            .copy()
            .registerModule(new IsoTimes())
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private final Reconciler reconciler;
    private final KeeperDesk own;
    private final DistantOverview distant;
    private final ExecutorService answers;
    private volatile @Nullable Ledger ledger;

    public ReconcileDesk(Reconciler reconciler, InstantSource clock) {
        this.reconciler = reconciler;
        this.own = new KeeperDesk(reconciler);
        this.distant = new DistantOverview(clock);
        this.answers = Executors.newFixedThreadPool(THREADS, work -> {
            Thread thread = new Thread(work, "serai-reconcile-answers");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Begins to work on a ledger, and to answer other nodes. */
    public void open(Ledger opened) {
        ledger = opened;
        reconciler.start(opened);
        opened.talk().answerFor(PART, text -> CompletableFuture.supplyAsync(() -> answer(text), answers));
    }

    /** Stops all runs; they go on at the next start, or at the next node that keeps the books. */
    @Override
    public void close() {
        reconciler.stop();
        answers.shutdownNow();
    }

    private String answer(String text) {
        return write(own.answer(read(text, DeskCall.class)));
    }

    private static String write(Object message) {
        try {
            return JSON.writeValueAsString(message);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static <T> T read(String text, Class<T> type) {
        try {
            return JSON.readValue(text, type);
        } catch (JsonProcessingException e) {
            throw new LedgerException.Invalid(
                    "the nodes of a ledger must run the same program: " + e.getOriginalMessage());
        }
    }

    private DeskAnswer ask(DeskCall call) {
        Ledger now = ledger;
        if (now == null || now.isFirstOwn()) {
            return own.answer(call);
        }
        try {
            return askAway(now, call).join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof LedgerException known ? known : e;
        }
    }

    private static CompletableFuture<DeskAnswer> askAway(Ledger ledger, DeskCall call) {
        return ledger.askFirst(PART, write(call)).thenApply(text -> read(text, DeskAnswer.class));
    }

    // ---- Reconciliations

    /** The names of the files, the same at each node that has the same route files. */
    public List<String> names() {
        return reconciler.names();
    }

    /** Why the file of a name is refused at this node; empty if it is not. */
    public Optional<String> refusal(String name) {
        return reconciler.refusal(name);
    }

    /** What is found so far, or was found last. */
    public ReconcileReport report(String name) {
        return reportIn(ask(DeskCall.of(DeskAct.REPORT, name)));
    }

    /** Begins a run; returns what is found so far. */
    public ReconcileReport start(String name, RunRequest request) {
        return reportIn(ask(DeskCall.start(name, request)));
    }

    private static ReconcileReport reportIn(DeskAnswer answer) {
        return Objects.requireNonNull(answer.report(), "it was asked for");
    }

    // ---- Bills

    /** The names of the files that have a bill. */
    public List<String> bills() {
        return reconciler.bills();
    }

    /** The newest days that were compared, without their differences, the newest first. */
    public List<BillReport> days(String name, int limit) {
        return ask(DeskCall.days(name, limit)).days();
    }

    /** What was found of a day, or is known while it is compared. @param day null for the newest whose bill is available */
    public BillReport day(String name, @Nullable LocalDate day) {
        return dayIn(ask(DeskCall.day(name, day == null ? null : day.toString())));
    }

    /** Begins to compare a day. @param reopen whether a day may be compared again that is signed off, which ends that */
    public BillReport startDay(String name, LocalDate day, boolean repair, boolean dryRun, boolean reopen) {
        return dayIn(ask(DeskCall.startDay(name, day.toString(), repair, dryRun, reopen)));
    }

    /** Signs a day off. @param reason why differences are accepted; null for none */
    public BillReport signOff(String name, LocalDate day, String by, @Nullable String reason) {
        return dayIn(ask(DeskCall.signOff(name, day.toString(), by, reason)));
    }

    private static BillReport dayIn(DeskAnswer answer) {
        return answer.days().get(0);
    }

    // ---- How they are

    /**
     * How all reconciliations and bills are, as of the last second or so; it does not wait for another node for long.
     *
     * @param billTroubles by name: the newest day that does not match and that nobody signed off
     */
    public record DeskOverview(List<ReconcileState> states, Map<String, String> billTroubles) {
        /** How many keys are known not to be equal, for each side that is compared; of several files the sum. */
        public Map<ReconcileState.Side, Long> differing() {
            Map<ReconcileState.Side, Long> counts = new HashMap<>();
            states.forEach(one -> one.eachSide((side, keys) -> counts.merge(side, keys, Long::sum)));
            return counts;
        }

        /** Up to when everything that was accepted is equal, for targets of which that is known; of several files the earliest. */
        public Map<TargetName, Instant> verifiedThrough() {
            Map<TargetName, Instant> marks = new HashMap<>();
            for (ReconcileState one : states) {
                Instant through = one.verifiedThrough();
                if (through != null) {
                    marks.merge(one.target(), through, (some, other) -> some.isBefore(other) ? some : other);
                }
            }
            return marks;
        }
    }

    /** How they are. While the node that keeps the books does not tell, each is failing, with the reason. */
    public DeskOverview overview() {
        Ledger now = ledger;
        if (now == null || now.isFirstOwn()) {
            return overview(own.answer(DeskCall.of(DeskAct.OVERVIEW, "")));
        }
        if (names().isEmpty()) {
            return new DeskOverview(List.of(), Map.of());
        }
        return distant.overview(
                () -> askAway(now, DeskCall.of(DeskAct.OVERVIEW, "")).thenApply(ReconcileDesk::overview),
                (reason, since) -> new DeskOverview(reconciler.unknown(reason, since), Map.of()));
    }

    private static DeskOverview overview(DeskAnswer answer) {
        return new DeskOverview(answer.states(), answer.billTroubles());
    }
}
