package dev.serai.reconcile.bill;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.pull.PullException;
import dev.serai.ledger.Ledger;
import dev.serai.reconcile.bill.BillPlatform.BillFound;
import dev.serai.reconcile.bill.BillPlatform.BillState;
import dev.serai.reconcile.book.BillBook;
import dev.serai.reconcile.book.BillBook.BillEntry;
import dev.serai.reconcile.book.BillBook.SideValue;
import dev.serai.reconcile.book.BillBook.TargetLine;
import dev.serai.reconcile.readback.PatientReadBack;
import dev.serai.reconcile.readback.ReadBack.KeyRecord;
import dev.serai.reconcile.readback.ReadBack.ListedRecords;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/**
 * One comparison of a day: reads the bill, the ledger and the target into the book, and compares them. Nothing is concluded unless
 * all sides were read.
 *
 * <p>Threads: one thread; interrupting it stops the run, which then begins again at the next start.
 */
final class BillRun {
    /** A listing is read up to ten times, since records may move between its pages. */
    private static final int SAME_PAGES_MAX = 20;

    private static final int KEYS_AT_ONCE = 1_000;
    /** With more differences than that, something else is wrong. */
    private static final long REPAIRS_MAX = 1_000;

    private final BillBlock block;
    private final BillTarget target;
    private final Ledger ledger;
    private final CamelContext camel;
    private final BillBook book;
    private final Clock clock;
    private final BillReport started;
    private final LocalDate day;
    private final Instant begin;
    private final Instant end;
    private boolean complete = true;
    private long unreadable;
    private @Nullable String billFault;

    /** Thrown if the platform has no bill yet. */
    static final class NotYetException extends Exception {
        private static final long serialVersionUID = 1L;

        NotYetException(String message) {
            super(message);
        }
    }

    /** @param started the report of the run as it begins */
    BillRun(
            BillBlock block,
            BillTarget target,
            Ledger ledger,
            CamelContext camel,
            BillBook book,
            Clock clock,
            BillReport started) {
        this.block = block;
        this.target = target;
        this.ledger = ledger;
        this.camel = camel;
        this.book = book;
        this.clock = clock;
        this.started = started;
        this.day = LocalDate.parse(started.day());
        this.begin = BillDays.begin(day);
        this.end = BillDays.begin(day.plusDays(1));
    }

    /**
     * Runs to the end.
     *
     * @throws NotYetException if the platform has no bill yet
     * @throws InterruptedException if it is stopped
     * @throws Exception why it failed; nothing is known then
     */
    BillReport run() throws Exception {
        Instant dueAt = BillDays.dueAt(day);
        if (clock.instant().isBefore(dueAt)) {
            throw new NotYetException(
                    "the bill is available from " + dueAt.atZone(BillDays.CHINA).toOffsetDateTime());
        }
        book.begin(day);
        String noBill = readBill();
        LedgerSide side = new LedgerSide(block.ledger(), target.name().flow(), ledger, book);
        side.read(day);
        complete = side.isComplete();
        unreadable = side.unreadable();
        if (noBill != null && day.equals(BillDays.newest(clock.instant())) && hasPayments()) {
            throw new NotYetException(noBill + ", but the ledger has payments of this day");
        }
        try (PatientReadBack reading = target.open()) {
            readTarget(reading);
            BillReport report = compare(0);
            List<String> notes = notes(noBill);
            if (started.repair() && report.differing() > REPAIRS_MAX) {
                notes.add(report.differing() + " differ, which is more than " + REPAIRS_MAX
                        + ", so nothing was repaired");
            } else if (started.repair() && report.differing() > 0) {
                BillRepair repair = new BillRepair(ledger, camel, target.name(), book, clock, started, complete);
                report = again(reading, repair.run());
            }
            return report.ended(report.state(), clock.instant(), notes.isEmpty() ? null : String.join("; ", notes));
        }
    }

    /** Compares again when the target took these once more. */
    private BillReport again(PatientReadBack reading, List<BillEntry> delivered) throws Exception {
        if (delivered.isEmpty()) {
            return compare(0);
        }
        TimeUnit.MILLISECONDS.sleep(target.lag().toMillis());
        Set<String> keys = new LinkedHashSet<>();
        delivered.forEach(entry -> keys.add(entry.key()));
        if (reading.canReadKeys()) {
            readKeys(reading, keys);
        } else {
            list(reading);
        }
        compare(0);
        long repaired = 0;
        for (BillEntry entry : delivered) {
            BillEntry now = book.entry(day, entry.id());
            if (now != null && now.kinds().isEmpty()) {
                repaired++;
            } else {
                book.repair(day, entry.id(), "delivered again, and it is not equal yet");
            }
        }
        return compare(repaired);
    }

    private boolean hasPayments() {
        return book.after(day, "", KEYS_AT_ONCE).stream()
                .map(BillEntry::at)
                .anyMatch(at -> at != null && !at.isBefore(begin));
    }

    private BillReport compare(long repaired) {
        BillComparison comparison = new BillComparison(book, day, begin, end);
        comparison.run();
        return comparison.report(started, complete, billFault, repaired);
    }

    private List<String> notes(@Nullable String noBill) {
        List<String> notes = new ArrayList<>();
        if (noBill != null) {
            notes.add(noBill);
        }
        if (!complete) {
            notes.add(
                    "retention has deleted changes of the flow; if some were of this day, they are missing here: raise"
                            + " serai.retention.settled");
        }
        if (unreadable > 0) {
            notes.add(unreadable + " changes of the flow cannot be read, or id, amount, status or time fails on them");
        }
        return notes;
    }

    // ---- The bill

    private @Nullable String readBill() throws Exception {
        try (BillPlatform platform = block.open(camel, clock)) {
            BillFound found = platform.read(day, lines -> book.addBill(day, lines));
            if (found.state() == BillState.NOT_YET) {
                throw new NotYetException(block.platform().title() + " is still making the bill");
            }
            billFault = found.fault();
            return found.state() == BillState.NONE
                    ? block.platform().title() + " says that the day has no trades and so no bill"
                    : null;
        } catch (IOException e) {
            throw new PullException(block.platform().title() + " cannot be asked: " + e);
        }
    }

    // ---- The target

    private void readTarget(PatientReadBack reading) throws Exception {
        if (!reading.canReadKeys()) {
            list(reading);
            return;
        }
        List<BillEntry> page = book.after(day, "", KEYS_AT_ONCE);
        while (!page.isEmpty()) {
            Set<String> keys = new LinkedHashSet<>();
            page.forEach(entry -> keys.add(entry.key()));
            readKeys(reading, keys);
            page = book.after(day, page.get(page.size() - 1).id(), KEYS_AT_ONCE);
        }
    }

    private void readKeys(PatientReadBack reading, Collection<String> keys) throws Exception {
        for (List<String> some : reading.portions(keys)) {
            List<TargetLine> lines = new ArrayList<>();
            for (KeyRecord found : reading.read(some)) {
                lines.add(line(found.key(), found.record()));
            }
            book.addTarget(day, lines);
        }
    }

    private void list(PatientReadBack reading) throws Exception {
        reading.begin(null);
        Set<String> before = Set.of();
        Map<Integer, Integer> shown = new HashMap<>(); // how often a page with the same keys came
        boolean isLast = false;
        while (!isLast) {
            ListedRecords page = reading.next();
            Set<String> keys = new LinkedHashSet<>();
            List<TargetLine> lines = new ArrayList<>();
            for (JsonNode record : page.records()) {
                String key = target.keyOf(record);
                if (key != null) {
                    keys.add(key);
                    lines.add(line(key, record));
                }
            }
            if (shown.merge(keys.hashCode(), 1, Integer::sum) > SAME_PAGES_MAX) {
                throw new PullException(
                        "the listing of the target goes round in a circle: the same page came more than "
                                + SAME_PAGES_MAX + " times");
            }
            book.addTarget(day, lines);
            reading.taken(!before.containsAll(keys)); // else the same page comes for ever
            before = keys;
            isLast = page.isLast();
        }
    }

    private TargetLine line(String key, @Nullable JsonNode record) throws PullException {
        SideValue value = null;
        String fault = null;
        if (record != null && !target.isDeleted(record)) {
            try {
                value = block.target().value(record);
            } catch (PullException e) {
                value = new SideValue(null, null);
                fault = "in the target " + e.getMessage();
            }
        }
        return new TargetLine(key, value, fault);
    }
}
