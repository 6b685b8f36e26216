package dev.serai.reconcile.desk;

import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.StoreException;
import dev.serai.reconcile.ReconcileReport;
import dev.serai.reconcile.Reconciler;
import dev.serai.reconcile.RunRequest;
import dev.serai.reconcile.bill.BillKeeper;
import dev.serai.reconcile.book.BookException;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Answers questions from the books that this node keeps.
 *
 * <p>Threads: safe; it reads the books.
 */
final class KeeperDesk {
    private final Reconciler reconciler;

    KeeperDesk(Reconciler reconciler) {
        this.reconciler = reconciler;
    }

    /** Throws {@link LedgerException} if it cannot be answered or is refused. */
    DeskAnswer answer(DeskCall call) {
        try {
            return switch (call.act()) {
                case REPORT -> DeskAnswer.of(report(call.name()));
                case START -> start(call.name(), Objects.requireNonNull(call.request(), "a run is asked for"));
                case DAYS -> DeskAnswer.of(bills(call.name()).days(call.limit()));
                case DAY -> day(call);
                case START_DAY -> startDay(call);
                case SIGN_OFF -> signOff(call);
                case OVERVIEW -> new DeskAnswer(null, List.of(), reconciler.states(), reconciler.billTroubles());
            };
        } catch (BookException e) {
            String message = String.valueOf(e.getMessage());
            throw new LedgerException.Unavailable(message, new StoreException(message, e));
        } catch (IllegalArgumentException e) {
            throw new LedgerException.Invalid(String.valueOf(e.getMessage()));
        }
    }

    private ReconcileReport report(String name) {
        return reconciler.report(name).orElseThrow(() -> missing(name, ".reconcile.yaml"));
    }

    /** Whoever asks has the file. */
    private LedgerException missing(String name, String what) {
        return new LedgerException.InUse(reconciler
                .refusal(name)
                .orElse("the node that keeps the books has no " + name + what
                        + ": give all nodes the same route files"));
    }

    private DeskAnswer start(String name, RunRequest request) {
        report(name);
        if (!reconciler.start(name, request)) {
            throw new LedgerException.InUse("a run of " + name + " is under way: ask again when it is over");
        }
        return DeskAnswer.of(report(name));
    }

    private BillKeeper bills(String name) {
        return reconciler.bills(name).orElseThrow(() -> missing(name, ".reconcile.yaml with a bill"));
    }

    private DeskAnswer day(DeskCall call) {
        BillKeeper bills = bills(call.name());
        return DeskAnswer.of(List.of(bills.report(call.day() == null ? bills.newest() : date(call))));
    }

    private static LocalDate date(DeskCall call) {
        return LocalDate.parse(Objects.requireNonNull(call.day(), "a day is asked for"));
    }

    private DeskAnswer startDay(DeskCall call) {
        BillKeeper bills = bills(call.name());
        refuse(bills.start(date(call), call.repair(), call.dryRun(), call.reopen()));
        return day(call);
    }

    private DeskAnswer signOff(DeskCall call) {
        BillKeeper bills = bills(call.name());
        refuse(bills.signOff(date(call), Objects.requireNonNull(call.by(), "somebody signs off"), call.reason()));
        return day(call);
    }

    private static void refuse(@Nullable String why) {
        if (why != null) {
            throw new LedgerException.InUse(why);
        }
    }
}
