package dev.serai.reconcile.bill;

import dev.serai.reconcile.bill.BillReport.BillSums;
import dev.serai.reconcile.bill.BillReport.SideSum;
import dev.serai.reconcile.book.BillBook;
import dev.serai.reconcile.book.BillBook.BillEntry;
import dev.serai.reconcile.book.BillBook.SideValue;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Compares what the sides say of a day, entry by entry, and notes in the book what differs.
 *
 * <p>A payment that the ledger has and the bill does not is looked for on earlier bills, because the platform's clock decides
 * about midnight, and a refund is on the bill of the day on which it was asked for. One of the last minutes of a day is expected
 * on the next bill.
 *
 * <p>Threads: one.
 */
final class BillComparison {
    /** How long before midnight a payment may be on the bill of the next day. */
    static final Duration MIDNIGHT = Duration.ofMinutes(10);

    /** Refunds to cards take some days. */
    private static final int EARLIER_DAYS_MAX = 7;

    private static final int ENTRIES_AT_ONCE = 1_000;

    private final BillBook book;
    private final LocalDate day;
    private final Instant begin;
    private final Instant end;
    private final boolean knowsDayBefore;
    private final Map<BillFinding, Long> counts = new EnumMap<>(BillFinding.class);
    private BillSums sums = BillSums.NONE;
    private long onBill;
    private long matched;
    private long differing;
    private long open;
    private long nextDay;
    private long earlierDay;

    /** @param begin of the day */
    BillComparison(BillBook book, LocalDate day, Instant begin, Instant end) {
        this.book = book;
        this.day = day;
        this.begin = begin;
        this.end = end;
        this.knowsDayBefore = book.isCompared(day.minusDays(1));
    }

    void run() {
        List<BillEntry> page = book.after(day, "", ENTRIES_AT_ONCE);
        while (!page.isEmpty()) {
            List<String> kinds = new ArrayList<>(page.size());
            for (BillEntry entry : page) {
                kinds.add(compare(entry).stream().map(BillFinding::word).collect(Collectors.joining(" ")));
            }
            book.mark(day, page, kinds);
            page = book.after(day, page.get(page.size() - 1).id(), ENTRIES_AT_ONCE);
        }
    }

    private Set<BillFinding> compare(BillEntry entry) {
        SideValue bill = entry.bill();
        SideValue ledger = entry.ledger();
        Set<BillFinding> found = EnumSet.noneOf(BillFinding.class);
        SideValue compared = bill;
        if (bill != null) {
            onBill++;
            if (ledger == null && entry.isOpen()) {
                open++;
                sums = new BillSums(sums.bill().plus(bill), sums.ledger(), sums.target());
                return found;
            }
            if (ledger == null) {
                found.add(BillFinding.MISSING_HERE);
            }
            if (entry.isOpen()) {
                compared = new SideValue(bill.amount(), null);
            }
        } else {
            Instant at = Objects.requireNonNull(entry.at(), "it is of this day");
            BillEntry earlier = book.onEarlierBill(day, entry.id(), EARLIER_DAYS_MAX);
            boolean wasDayBefore = at.isBefore(begin);
            if (wasDayBefore && (earlier != null || !knowsDayBefore)) {
                return found; // it was compared then, or nobody knows
            }
            if (earlier != null) {
                earlierDay++;
                SideValue then = earlier.bill();
                compared = then == null ? null : new SideValue(then.amount(), null);
            } else if (!at.isBefore(end.minus(MIDNIGHT))) {
                nextDay++;
                return found;
            } else {
                found.add(BillFinding.MISSING_THERE);
            }
        }
        compareValues(entry, compared, found);
        count(entry, found);
        return found;
    }

    private static void compareValues(BillEntry entry, @Nullable SideValue bill, Set<BillFinding> found) {
        if (entry.target() == null) {
            found.add(BillFinding.MISSING_IN_TARGET);
        }
        if (entry.fault() != null) {
            found.add(BillFinding.UNREADABLE);
        }
        Set<Long> amounts = new HashSet<>();
        Set<String> statuses = new HashSet<>();
        Stream.of(bill, entry.ledger(), entry.target()).filter(Objects::nonNull).forEach(side -> {
            if (side.amount() != null) {
                amounts.add(side.amount());
            }
            if (side.status() != null) {
                statuses.add(side.status());
            }
        });
        if (amounts.size() > 1) {
            found.add(BillFinding.AMOUNT_DIFFERS);
        }
        if (statuses.size() > 1) {
            found.add(BillFinding.STATUS_DIFFERS);
        }
    }

    private void count(BillEntry entry, Set<BillFinding> found) {
        found.forEach(one -> counts.merge(one, 1L, Long::sum));
        if (found.isEmpty()) {
            matched++;
        } else {
            differing++;
        }
        SideSum target = sums.target().plus(entry.target());
        sums = new BillSums(sums.bill().plus(entry.bill()), sums.ledger().plus(entry.ledger()), target);
    }

    /**
     * What was found.
     *
     * @param run what else is known of the run
     */
    BillReport report(BillReport run, boolean complete, @Nullable String billFault, long repaired) {
        return new BillReport(
                run.name(),
                run.platform(),
                run.flow(),
                run.target(),
                run.day(),
                run.state(),
                run.startedAt(),
                null,
                null,
                run.repair(),
                run.dryRun(),
                onBill,
                matched,
                differing,
                counts.getOrDefault(BillFinding.MISSING_HERE, 0L),
                counts.getOrDefault(BillFinding.MISSING_THERE, 0L),
                counts.getOrDefault(BillFinding.MISSING_IN_TARGET, 0L),
                counts.getOrDefault(BillFinding.AMOUNT_DIFFERS, 0L),
                counts.getOrDefault(BillFinding.STATUS_DIFFERS, 0L),
                counts.getOrDefault(BillFinding.UNREADABLE, 0L),
                open,
                nextDay,
                earlierDay,
                complete,
                billFault,
                sums,
                repaired,
                null,
                List.of());
    }
}
