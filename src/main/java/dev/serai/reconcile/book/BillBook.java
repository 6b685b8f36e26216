package dev.serai.reconcile.book;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The days whose bills were compared: what bill, ledger and target say of each payment, and the report of each day. It is in
 * a database, so that a long bill is not in memory as a whole.
 *
 * <p>Threads: safe.  <p>Throws: {@link BookException}.
 */
public final class BillBook implements AutoCloseable {
    /** Platforms keep bills for about three months. Reports are kept for good. */
    private static final int ENTRY_DAYS_MAX = 100;

    private static final String SELECT = "SELECT * FROM entry WHERE ";
    private static final String ADD_FAULT = "fault = CASE WHEN fault IS NULL THEN ? ELSE fault END";

    private final BookTables file;

    /**
     * What one side says of a payment or a refund.
     *
     * @param amount in the currency's smallest unit, negative for a refund; null if it says none
     * @param status null if it says none
     */
    public record SideValue(@Nullable Long amount, @Nullable String status) {}

    /**
     * A row of a bill.
     *
     * @param isOpen whether the platform has not decided about it
     * @param fault why it cannot be compared; null if it can
     */
    public record BillLine(
            String id,
            SideValue value,
            boolean isOpen,
            @Nullable String fault) {}

    /**
     * A change of the ledger that is about a payment or a refund.
     *
     * @param at when that happened; null if it does not say
     * @param fault why it cannot be compared; null if it can
     */
    public record LedgerLine(
            String id,
            String key,
            SideValue value,
            @Nullable Instant at,
            long sequence,
            @Nullable String fault) {}

    /**
     * What the target has of a key.
     *
     * @param value null for nothing
     * @param fault why it cannot be compared; null if it can
     */
    public record TargetLine(
            String key, @Nullable SideValue value, @Nullable String fault) {}

    /**
     * What the sides say; a side is null if it does not have the payment.
     *
     * @param key by which the target has it
     * @param isOpen whether the platform has not decided about it
     * @param at when it happened, as the ledger says
     * @param sequence of its newest change, 0 if there is none
     * @param fault why it cannot be compared; null if it can
     * @param kinds how it differs, separated by spaces; empty if it does not
     * @param repair what became of its repair; null if it was not tried
     */
    public record BillEntry(
            String id,
            String key,
            @Nullable SideValue bill,
            boolean isOpen,
            @Nullable SideValue ledger,
            @Nullable Instant at,
            long sequence,
            @Nullable SideValue target,
            @Nullable String fault,
            String kinds,
            @Nullable String repair) {}

    /** @param name of its reconcile file */
    public BillBook(BookPlace place, String name) {
        this.file = place.openBills(name, BookSchema.BILLS);
    }

    /** Whether another node has opened it, so that this one can write to it no more. */
    public boolean isLost() {
        return file.isLost();
    }

    // ---- Days

    /** Forgets what was read of a day, and what is very old; the day's report stays. */
    public void begin(LocalDate day) {
        file.write(in -> {
            in.update("DELETE FROM entry WHERE day = ?", day.toString());
            in.update("UPDATE day SET compared = 0 WHERE day = ?", day.toString());
            return in.update(
                    "DELETE FROM entry WHERE day < ?",
                    day.minusDays(ENTRY_DAYS_MAX).toString());
        });
    }

    /** Saves a report. @param isCompared whether all sides of the day are in the book */
    public void save(LocalDate day, boolean isCompared, String report) {
        file.write(in -> in.update(
                "INSERT INTO day (day, compared, report) VALUES (?, ?, ?) ON CONFLICT (day) DO UPDATE SET compared ="
                        + " excluded.compared, report = excluded.report",
                day.toString(),
                isCompared,
                report));
    }

    /** What was saved of a day; null if nothing was. */
    public @Nullable String report(LocalDate day) {
        return file.first("SELECT report FROM day WHERE day = ?", row -> row.getString(1), day.toString());
    }

    /** The newest reports, the newest first. */
    public List<String> reports(int limit) {
        return file.list("SELECT report FROM day ORDER BY day DESC LIMIT ?", row -> row.getString(1), limit);
    }

    public boolean isCompared(LocalDate day) {
        return file.number("SELECT compared FROM day WHERE day = ?", day.toString()) > 0;
    }

    // ---- Sides

    public void addBill(LocalDate day, List<BillLine> lines) {
        file.write(in -> {
            in.updateEach(
                    "INSERT INTO entry (day, id, key, on_bill, open, bill_amount, bill_status, in_ledger, seq, in_target,"
                            + " fault, kinds) VALUES (?, ?, ?, 1, ?, ?, ?, 0, 0, 0, ?, '') ON CONFLICT (day, id) DO UPDATE"
                            + " SET fault = 'the bill has several rows with this id'",
                    lines.stream()
                            .map(line -> BookTables.row(
                                    day.toString(),
                                    line.id(),
                                    line.id(),
                                    line.isOpen(),
                                    line.value().amount(),
                                    line.value().status(),
                                    line.fault()))
                            .toList());
            return lines.size();
        });
    }

    /** Takes in what is on the day's bill, or happened from {@code from} on and before {@code until}. */
    public void addLedger(LocalDate day, List<LedgerLine> lines, Instant from, Instant until) {
        file.write(in -> {
            in.updateEach(
                    "INSERT INTO entry (day, id, key, on_bill, open, in_ledger, seq, in_target, kinds)"
                            + " VALUES (?, ?, ?, 0, 0, 0, 0, 0, '') ON CONFLICT (day, id) DO NOTHING",
                    lines.stream()
                            .filter(line -> isWithin(line.at(), from, until))
                            .map(line -> BookTables.row(day.toString(), line.id(), line.key()))
                            .toList());
            in.updateEach(
                    "UPDATE entry SET key = ?, in_ledger = 1, ledger_amount = ?, ledger_status = ?, at = ?, seq = ?, "
                            + ADD_FAULT + " WHERE day = ? AND id = ?",
                    lines.stream().map(line -> row(day, line)).toList());
            return lines.size();
        });
    }

    private static boolean isWithin(@Nullable Instant at, Instant from, Instant until) {
        return at != null && !at.isBefore(from) && at.isBefore(until);
    }

    private static @Nullable Object[] row(LocalDate day, LedgerLine line) {
        Instant at = line.at();
        return BookTables.row(
                line.key(),
                line.value().amount(),
                line.value().status(),
                at == null ? null : at.toEpochMilli(),
                line.sequence(),
                line.fault(),
                day.toString(),
                line.id());
    }

    public void addTarget(LocalDate day, List<TargetLine> lines) {
        file.write(in -> {
            in.updateEach(
                    "UPDATE entry SET in_target = ?, target_amount = ?, target_status = ?, " + ADD_FAULT
                            + " WHERE day = ? AND key = ?",
                    lines.stream().map(line -> row(day, line)).toList());
            return lines.size();
        });
    }

    private static @Nullable Object[] row(LocalDate day, TargetLine line) {
        SideValue value = line.value();
        return BookTables.row(
                value != null,
                value == null ? null : value.amount(),
                value == null ? null : value.status(),
                line.fault(),
                day.toString(),
                line.key());
    }

    // ---- Entries

    /** Some of the day's entries behind an id, in the order of their ids. */
    public List<BillEntry> after(LocalDate day, String id, int limit) {
        return file.list(SELECT + "day = ? AND id > ? ORDER BY id LIMIT ?", BillBook::entry, day.toString(), id, limit);
    }

    /** As {@link #after}, but only those that differ. */
    public List<BillEntry> differing(LocalDate day, String id, int limit) {
        return file.list(
                SELECT + "day = ? AND id > ? AND kinds <> '' ORDER BY id LIMIT ?",
                BillBook::entry,
                day.toString(),
                id,
                limit);
    }

    /** One entry; null if the day does not have it. */
    public @Nullable BillEntry entry(LocalDate day, String id) {
        return file.first(SELECT + "day = ? AND id = ?", BillBook::entry, day.toString(), id);
    }

    /** An entry of the newest day before this one, at most so many days back, on whose bill the id is; null if it is on none. */
    public @Nullable BillEntry onEarlierBill(LocalDate day, String id, int daysMax) {
        for (LocalDate earlier = day.minusDays(1);
                !earlier.isBefore(day.minusDays(daysMax));
                earlier = earlier.minusDays(1)) {
            BillEntry found = isCompared(earlier) ? entry(earlier, id) : null;
            if (found != null && found.bill() != null) {
                return found;
            }
        }
        return null;
    }

    private static BillEntry entry(ResultSet row) throws SQLException {
        return new BillEntry(
                row.getString("id"),
                row.getString("key"),
                side(row, "on_bill", "bill_"),
                row.getBoolean("open"),
                side(row, "in_ledger", "ledger_"),
                row.getObject("at") == null ? null : Instant.ofEpochMilli(row.getLong("at")),
                row.getLong("seq"),
                side(row, "in_target", "target_"),
                row.getString("fault"),
                row.getString("kinds"),
                row.getString("repair"));
    }

    private static @Nullable SideValue side(ResultSet row, String there, String prefix) throws SQLException {
        if (!row.getBoolean(there)) {
            return null;
        }
        Long amount = row.getObject(prefix + "amount") == null ? null : row.getLong(prefix + "amount");
        return new SideValue(amount, row.getString(prefix + "status"));
    }

    /** Notes how entries differ. */
    public void mark(LocalDate day, List<BillEntry> entries, List<String> kinds) {
        file.write(in -> {
            List<@Nullable Object[]> changed = new ArrayList<>();
            for (int i = 0; i < entries.size(); i++) {
                if (!entries.get(i).kinds().equals(kinds.get(i))) {
                    changed.add(BookTables.row(
                            kinds.get(i), day.toString(), entries.get(i).id()));
                }
            }
            in.updateEach("UPDATE entry SET kinds = ? WHERE day = ? AND id = ?", changed);
            return entries.size();
        });
    }

    /** Notes what became of the repair of an entry. */
    public void repair(LocalDate day, String id, String text) {
        file.write(in -> in.update("UPDATE entry SET repair = ? WHERE day = ? AND id = ?", text, day.toString(), id));
    }

    @Override
    public void close() {
        file.close();
    }
}
