package dev.serai.reconcile.desk;

import dev.serai.reconcile.ReconcileReport;
import dev.serai.reconcile.ReconcileState;
import dev.serai.reconcile.bill.BillReport;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the node that keeps the books answers.
 *
 * @param report of a reconciliation; null for other questions
 * @param days of a bill
 * @param states of all reconciliations
 * @param billTroubles by name: the newest day that does not match and that nobody signed off
 */
record DeskAnswer(
        @Nullable ReconcileReport report,
        List<BillReport> days,
        List<ReconcileState> states,
        Map<String, String> billTroubles) {

    static DeskAnswer of(ReconcileReport report) {
        return new DeskAnswer(report, List.of(), List.of(), Map.of());
    }

    static DeskAnswer of(List<BillReport> days) {
        return new DeskAnswer(null, days, List.of(), Map.of());
    }
}
