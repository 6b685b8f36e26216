package dev.serai.reconcile.bill;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.serai.ledger.model.TargetName;
import dev.serai.reconcile.book.BillBook.BillEntry;
import dev.serai.reconcile.book.BillBook.SideValue;
import dev.serai.text.ExactJson;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was found about the bill of a day. Times are RFC 3339; amounts are whole numbers of fen, those of refunds negative.
 *
 * @param day by which the platform bills: a date in China
 * @param state running, done, waiting (the platform has no bill yet) or failed; never if the day was not compared
 * @param reason why it failed or waits, or what else there is to say
 * @param onBill how many payments and refunds are on the bill
 * @param matched how many of the day's payments and refunds are equal on all sides
 * @param differing how many are not; the counts behind it say how, and one may have several
 * @param open refunds about which the platform has not decided, and which the ledger does not have
 * @param nextDay in the ledger shortly before midnight, and expected on the bill of the next day
 * @param earlierDay in the ledger on this day, and on the bill of an earlier one
 * @param complete whether the ledger still has all changes since the day before
 * @param billFault how the bill contradicts itself
 * @param repaired how many differed and are equal since they were repaired
 * @param signedOff who accepted the day as it is; null if nobody did
 * @param differences the first ones, by id
 */
public record BillReport(
        String name,
        String platform,
        String flow,
        String target,
        String day,
        String state,
        @Nullable String startedAt,
        @Nullable String endedAt,
        @Nullable String reason,
        boolean repair,
        boolean dryRun,
        long onBill,
        long matched,
        long differing,
        long missingHere,
        long missingThere,
        long missingInTarget,
        long amountDiffers,
        long statusDiffers,
        long unreadable,
        long open,
        long nextDay,
        long earlierDay,
        boolean complete,
        @Nullable String billFault,
        BillSums totals,
        long repaired,
        @Nullable SignOff signedOff,
        List<BillDifference> differences) {

    static final String NEVER = "never";
    static final String RUNNING = "running";
    static final String DONE = "done";
    static final String WAITING = "waiting";
    static final String FAILED = "failed";

    /** @param amount of the payments @param refunded of the refunds, not negative */
    public record SideSum(long payments, long amount, long refunds, long refunded) {
        static final SideSum NONE = new SideSum(0, 0, 0, 0);

        SideSum plus(@Nullable SideValue value) {
            Long fen = value == null ? null : value.amount();
            if (fen == null) {
                return this;
            }
            return fen < 0
                    ? new SideSum(payments, amount, refunds + 1, refunded - fen)
                    : new SideSum(payments + 1, amount + fen, refunds, refunded);
        }
    }

    /** What each side has of the day. */
    public record BillSums(SideSum bill, SideSum ledger, SideSum target) {
        static final BillSums NONE = new BillSums(SideSum.NONE, SideSum.NONE, SideSum.NONE);
    }

    public record SignOff(String at, String by, @Nullable String reason) {}

    /** What one side has; nothing is null. */
    public record SideJson(@Nullable Long amount, @Nullable String status) {
        static @Nullable SideJson of(@Nullable SideValue value) {
            return value == null ? null : new SideJson(value.amount(), value.status());
        }
    }

    /**
     * A payment or refund that is not equal on all sides; a side is null if it does not have it.
     *
     * @param kinds how it differs, in the words of the counts
     * @param fault why a side cannot be read
     * @param repair what became of its repair, or what a repair would do; null if none was asked for
     */
    public record BillDifference(
            String id,
            List<String> kinds,
            @Nullable SideJson bill,
            @Nullable SideJson ledger,
            @Nullable SideJson target,
            @Nullable String fault,
            @Nullable String repair) {
        static BillDifference of(BillEntry entry) {
            return new BillDifference(
                    entry.id(),
                    List.of(entry.kinds().split(" ")),
                    SideJson.of(entry.bill()),
                    SideJson.of(entry.ledger()),
                    SideJson.of(entry.target()),
                    entry.fault(),
                    entry.repair());
        }
    }

    /** Of a run that begins. @param now null if none does */
    static BillReport begun(
            String name,
            String platform,
            TargetName target,
            LocalDate day,
            boolean repair,
            boolean dryRun,
            @Nullable Instant now) {
        return new BillReport(
                name,
                platform,
                target.flow(),
                target.target(),
                day.toString(),
                now == null ? NEVER : RUNNING,
                now == null ? null : time(now),
                null,
                null,
                repair,
                dryRun,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                true,
                null,
                BillSums.NONE,
                0,
                null,
                List.of());
    }

    /** Whether it is not known yet how the day ends. */
    @JsonIgnore
    boolean isUndecided() {
        return state.equals(RUNNING) || state.equals(WAITING);
    }

    /** Whether it was not compared to its end, and ended before this time. */
    boolean isToRetry(Instant before) {
        return !state.equals(DONE)
                && (endedAt == null || !Instant.parse(endedAt).isAfter(before));
    }

    /** Whether all sides agree, or somebody accepted that they do not. */
    public boolean matchesOrIsSigned() {
        return state.equals(DONE) && (signedOff != null || allMatch());
    }

    /** Whether all sides agree. */
    boolean allMatch() {
        return differing == 0 && billFault == null;
    }

    /** One line about what is wrong with the day. */
    String trouble() {
        if (!state.equals(DONE)) {
            return day + ": " + reason;
        }
        List<String> parts = new ArrayList<>();
        part(parts, missingHere, "missing here");
        part(parts, missingThere, "missing there");
        part(parts, missingInTarget, "missing in the target");
        part(parts, amountDiffers, "with other amounts");
        part(parts, statusDiffers, "with other statuses");
        part(parts, unreadable, "unreadable");
        String found = differing == 0 ? "" : differing + " differ: " + String.join(", ", parts);
        return day + ": " + found + (billFault == null ? "" : (differing == 0 ? "" : "; ") + billFault);
    }

    private static void part(List<String> parts, long count, String what) {
        if (count > 0) {
            parts.add(count + " " + what);
        }
    }

    BillReport ended(String word, Instant at, @Nullable String why) {
        return copy(word, time(at), why, signedOff, differences);
    }

    BillReport signed(SignOff by) {
        return copy(state, endedAt, reason, by, differences);
    }

    BillReport with(List<BillDifference> some) {
        return copy(state, endedAt, reason, signedOff, some);
    }

    private BillReport copy(
            String word, @Nullable String end, @Nullable String why, @Nullable SignOff by, List<BillDifference> some) {
        return new BillReport(
                name,
                platform,
                flow,
                target,
                day,
                word,
                startedAt,
                end,
                why,
                repair,
                dryRun,
                onBill,
                matched,
                differing,
                missingHere,
                missingThere,
                missingInTarget,
                amountDiffers,
                statusDiffers,
                unreadable,
                open,
                nextDay,
                earlierDay,
                complete,
                billFault,
                totals,
                repaired,
                by,
                some);
    }

    static String time(Instant time) {
        return time.truncatedTo(ChronoUnit.MILLIS).toString();
    }

    String save() {
        return ExactJson.MAPPER.valueToTree(this).toString();
    }

    /** Reads what {@link #save} wrote; null if it cannot be read. */
    static @Nullable BillReport of(@Nullable String saved) {
        try {
            return saved == null ? null : ExactJson.MAPPER.readValue(saved, BillReport.class);
        } catch (JsonProcessingException e) {
            return null;
        }
    }
}
