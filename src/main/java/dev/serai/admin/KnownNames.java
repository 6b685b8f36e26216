package dev.serai.admin;

import dev.serai.ledger.FlowStatus;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.delivery.TargetStatus;
import dev.serai.ledger.model.Cursor;
import dev.serai.text.NearestName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Refuses names of flows, targets and cursors that do not exist, and says which do. */
final class KnownNames {
    private final Ledger ledger;

    KnownNames(Ledger ledger) {
        this.ledger = ledger;
    }

    /** A flow that is not given is fine. */
    void requireFlow(@Nullable String flow) {
        if (flow != null) {
            flowsNamed(flow);
        }
    }

    /** Without a flow, any flow may have the target. Null names pass. */
    void requireTarget(@Nullable String flow, @Nullable String target) {
        if (flow == null && target == null) {
            return;
        }
        List<FlowStatus> flows = flow == null ? ledger.flows() : flowsNamed(flow);
        List<String> known = flows.stream()
                .flatMap(f -> f.targets().stream())
                .map(TargetStatus::target)
                .distinct()
                .sorted()
                .toList();
        if (target != null && !known.contains(target)) {
            String of = flow == null ? "there is no target " : "flow " + flow + " has no target ";
            throw AdminProblem.notFound(of + target + NearestName.hint(target, known) + ": " + choice(known));
        }
    }

    /** A misspelt name would be saved beside the cursor that is meant, and nothing would move. */
    AdminProblem unknownCursor(String name) {
        List<String> known = ledger.cursors().stream().map(Cursor::name).toList();
        return AdminProblem.notFound("there is no cursor " + name + NearestName.hint(name, known) + ": " + choice(known)
                + "; \"new\":true, in the command --new, sets one that no source has saved yet");
    }

    private List<FlowStatus> flowsNamed(String name) {
        List<FlowStatus> flows = ledger.flows();
        List<FlowStatus> named =
                flows.stream().filter(f -> f.flow().equals(name)).toList();
        if (named.isEmpty()) {
            List<String> known = flows.stream().map(FlowStatus::flow).sorted().toList();
            throw AdminProblem.notFound(
                    "there is no flow " + name + NearestName.hint(name, known) + ": " + choice(known));
        }
        return named;
    }

    private static String choice(List<String> known) {
        return known.isEmpty() ? "there is none yet" : "known are " + String.join(", ", known);
    }
}
