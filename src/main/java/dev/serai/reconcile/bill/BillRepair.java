package dev.serai.reconcile.bill;

import dev.serai.camel.FlowRoutes;
import dev.serai.camel.FlowRoutes.UsedRoute;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.TargetName;
import dev.serai.reconcile.book.BillBook;
import dev.serai.reconcile.book.BillBook.BillEntry;
import dev.serai.reconcile.book.BillBook.SideValue;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.jspecify.annotations.Nullable;

/**
 * Mends what can be mended of a day: delivers changes that agree with the bill to the target again, through the ledger, and lets the
 * flow's own bill source read the day again for what the ledger does not have. It notes for each difference what became of it.
 *
 * <p>Threads: one thread.
 */
final class BillRepair {
    private static final String BILL_SOURCE = "wechatpay-bill-source";
    private static final int ENTRIES_AT_ONCE = 500;
    private static final long LOOK_MILLIS = 100;
    /** A target that is down takes the changes later; the run does not wait for that. */
    private static final Duration SETTLED_MAX = Duration.ofMinutes(5);

    private final Ledger ledger;
    private final CamelContext camel;
    private final TargetName target;
    private final BillBook book;
    private final Clock clock;
    private final LocalDate day;
    private final boolean isComplete;
    private final boolean isDryRun;
    private final Deque<BillEntry> underWay = new ArrayDeque<>();
    private @Nullable String missingHere;

    /** @param isComplete whether the ledger still recognises all that it accepted of this day */
    BillRepair(
            Ledger ledger,
            CamelContext camel,
            TargetName target,
            BillBook book,
            Clock clock,
            BillReport run,
            boolean isComplete) {
        this.ledger = ledger;
        this.camel = camel;
        this.target = target;
        this.book = book;
        this.clock = clock;
        this.day = LocalDate.parse(run.day());
        this.isDryRun = run.dryRun();
        this.isComplete = isComplete;
    }

    /** Repairs; returns what the target took again, so that it can be read once more. */
    List<BillEntry> run() throws Exception {
        List<BillEntry> page = book.differing(day, "", ENTRIES_AT_ONCE);
        while (!page.isEmpty()) {
            for (BillEntry entry : page) {
                book.repair(day, entry.id(), repair(entry));
            }
            page = book.differing(day, page.get(page.size() - 1).id(), ENTRIES_AT_ONCE);
        }
        return awaitSettled();
    }

    private String repair(BillEntry entry) throws Exception {
        if (entry.fault() != null) {
            return "not repaired: " + entry.fault();
        }
        if (entry.ledger() == null) {
            return acceptFromBill();
        }
        if (entry.kinds().contains(BillFinding.MISSING_THERE.word())) {
            return "not repaired: ask the platform about it, and correct its record at the source";
        }
        if (!agree(entry.bill(), entry.ledger())) {
            return "not repaired: the ledger differs from the bill, so its source has to send the right state";
        }
        return redeliver(entry);
    }

    private static boolean agree(@Nullable SideValue bill, SideValue ledger) {
        return bill == null
                || (Objects.equals(bill.amount(), ledger.amount())
                        && (bill.status() == null
                                || ledger.status() == null
                                || bill.status().equals(ledger.status())));
    }

    // ---- The target

    private String redeliver(BillEntry entry) throws Exception {
        Optional<Entry> change = ledger.change(target.flow(), entry.sequence());
        if (change.isEmpty()) {
            return "cannot be repaired: the body of its change is no longer kept";
        }
        DeliveryState state = state(change.get());
        if (state == DeliveryState.DEAD) {
            return "not repaired: its change is a dead letter: replay it";
        }
        if (!state.isSettled()) {
            return "on its way: the target has not taken it yet";
        }
        if (state != DeliveryState.DELIVERED) {
            return "not repaired: its delivery is " + state.name().toLowerCase(Locale.ROOT);
        }
        if (isDryRun) {
            return "would be delivered again";
        }
        if (ledger.actions().redeliver(target, List.of(change.get())).get().isEmpty()) {
            return "not repaired: a newer change of its key is on its way, or became a dead letter";
        }
        underWay.add(entry);
        return "delivered again";
    }

    private DeliveryState state(Entry change) {
        return ledger.search()
                .delivery(target, change.sequence())
                .map(Delivery::state)
                .orElse(DeliveryState.PENDING);
    }

    private List<BillEntry> awaitSettled() throws InterruptedException {
        List<BillEntry> delivered = new ArrayList<>();
        long giveUpAt = System.nanoTime() + SETTLED_MAX.toNanos();
        while (!underWay.isEmpty()) {
            BillEntry entry = underWay.element();
            DeliveryState now = ledger.change(target.flow(), entry.sequence())
                    .map(this::state)
                    .orElse(DeliveryState.DISCARDED);
            if (now == DeliveryState.DELIVERED) {
                delivered.add(entry);
            } else if (now.isSettled()) {
                String word = now.name().toLowerCase(Locale.ROOT);
                book.repair(day, entry.id(), "not repaired: the target did not take it, its delivery is " + word);
            } else if (System.nanoTime() - giveUpAt > 0) {
                book.repair(day, entry.id(), "on its way: the target has not taken it yet");
            } else {
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
                continue;
            }
            underWay.remove();
        }
        return delivered;
    }

    // ---- The ledger

    /** What becomes of rows that the ledger does not have; the same for all of them. */
    private String acceptFromBill() {
        String done = missingHere;
        if (done == null) {
            done = readAgain();
            missingHere = done;
        }
        return done;
    }

    private String readAgain() {
        String name = billSource();
        if (name == null) {
            return "not repaired: let the source of " + target.flow()
                    + " fetch it, for example with a query of the order";
        }
        String value = ledger.cursor(name).map(Cursor::value).orElse("");
        if (value.compareTo(day + "~") < 0) {
            return "its bill source " + name + " has not read this day to its end yet";
        }
        if (!isComplete) {
            return "not repaired: retention deleted changes of this day, and its bill source would accept them again";
        }
        if (isDryRun) {
            return "its bill source " + name + " would read this day again";
        }
        ledger.saveCursor(new Cursor(name, day.toString(), clock.instant())).join();
        return "its bill source " + name + " reads this day again in its next run";
    }

    /** The name of the cursor of a source of the flow that reads WeChat Pay's bills; null if there is none. */
    private @Nullable String billSource() {
        @Nullable FlowRoutes routes = camel.getRegistry().findSingleByType(FlowRoutes.class);
        for (UsedRoute one :
                routes == null ? List.<UsedRoute>of() : routes.of(target.flow()).routes()) {
            Route route = camel.getRoute(one.id());
            String uri = route == null ? "" : route.getEndpoint().getEndpointUri();
            if (one.role().equals("source") && uri.contains(BILL_SOURCE)) {
                String given = uri.replaceFirst("^[^?]*\\??(?:.*&)?name=([^&]*).*$|^.*$", "$1");
                return given.isEmpty() ? one.id() : given;
            }
        }
        return null;
    }
}
