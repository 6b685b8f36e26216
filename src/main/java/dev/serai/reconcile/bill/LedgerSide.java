package dev.serai.reconcile.bill;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.pull.JqExpression;
import dev.serai.connector.pull.PullException;
import dev.serai.ledger.DeliverySearch;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Operation;
import dev.serai.reconcile.bill.BillBlock.SideExpressions;
import dev.serai.reconcile.book.BillBook;
import dev.serai.reconcile.book.BillBook.LedgerLine;
import dev.serai.reconcile.book.BillBook.SideValue;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads what the ledger says of a day into the book: all that was accepted since the day before, whatever became of it.
 *
 * <p>Threads: one thread.
 */
final class LedgerSide {
    /** A payment is accepted after it happened, but clocks differ. */
    private static final Duration EARLIER = Duration.ofDays(1);

    private static final int CHANGES_MAX = 500;
    private static final long BYTES_MAX = 4 << 20;

    private final SideExpressions side;
    private final String flow;
    private final Ledger ledger;
    private final BillBook book;
    private boolean complete = true;
    private long unreadable;

    LedgerSide(SideExpressions side, String flow, Ledger ledger, BillBook book) {
        this.side = side;
        this.flow = flow;
        this.ledger = ledger;
        this.book = book;
    }

    /** Whether the ledger still has all changes since the day before. */
    boolean isComplete() {
        return complete;
    }

    /** How many changes could not be read. */
    long unreadable() {
        return unreadable;
    }

    /** Reads what is on the day's bill or happened on the day. */
    void read(LocalDate day) throws InterruptedException {
        Instant begin = BillDays.begin(day);
        Instant end = BillDays.begin(day.plusDays(1));
        DeliverySearch log = ledger.search();
        Instant since = begin.minus(EARLIER);
        for (int shard = 0; shard < log.shards(); shard++) {
            long after = log.before(shard, flow, since);
            long deleted = log.deleted(shard, flow);
            complete &= deleted == 0 || (after > 0 && deleted <= after);
            List<Entry> page = log.accepted(shard, flow, after, CHANGES_MAX, BYTES_MAX);
            while (!page.isEmpty()) {
                List<LedgerLine> lines = new ArrayList<>();
                for (Entry entry : page) {
                    LedgerLine line = line(entry);
                    if (line != null) {
                        lines.add(line);
                    }
                }
                book.addLedger(day, lines, begin.minus(BillComparison.MIDNIGHT), end);
                if (Thread.interrupted()) {
                    throw new InterruptedException("stopped");
                }
                after = page.get(page.size() - 1).sequence();
                page = log.accepted(shard, flow, after, CHANGES_MAX, BYTES_MAX);
            }
        }
    }

    /** Null if the change is not about a payment. */
    private @Nullable LedgerLine line(Entry entry) {
        if (entry.change().operation() == Operation.DELETE) {
            return null;
        }
        try {
            if (entry.damage() != null) {
                throw new PullException(entry.damage());
            }
            JsonNode body = JqExpression.json(entry.change().body());
            JsonNode id = side.id() == null ? null : side.id().value(body);
            if (id == null) {
                return null;
            }
            JsonNode time = side.time() == null ? null : side.time().value(body);
            Instant at = time == null ? null : BillDays.instant(time.asText());
            SideValue value = new SideValue(null, null);
            String fault = null;
            try {
                value = side.value(body);
            } catch (PullException e) {
                fault = "in the ledger " + e.getMessage();
            }
            return new LedgerLine(id.asText(), entry.change().key(), value, at, entry.sequence(), fault);
        } catch (PullException | IOException e) {
            unreadable++;
            return null;
        }
    }
}
