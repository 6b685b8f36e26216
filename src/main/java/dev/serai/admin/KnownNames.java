package dev.serai.admin;

import dev.serai.ledger.FlowStatus;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.Cursor;
import dev.serai.text.NearestName;
import java.util.List;
import java.util.Map;
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
            targetsOf(flow);
        }
    }

    /** Without a flow, any flow may have the target. Null names pass. */
    void requireTarget(@Nullable String flow, @Nullable String target) {
        if (flow == null && target == null) {
            return;
        }
        List<String> known = flow == null
                ? ledger.names().values().stream()
                        .flatMap(List::stream)
                        .distinct()
                        .sorted()
                        .toList()
                : targetsOf(flow);
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

    /** The flow of this name. */
    FlowStatus flow(String name) {
        return ledger.flow(name).orElseThrow(() -> unknownFlow(name, ledger.names()));
    }

    private List<String> targetsOf(String flow) {
        Map<String, List<String>> names = ledger.names();
        List<String> targets = names.get(flow);
        if (targets == null) {
            throw unknownFlow(flow, names);
        }
        return targets;
    }

    private static AdminProblem unknownFlow(String flow, Map<String, List<String>> names) {
        List<String> known = List.copyOf(names.keySet());
        return AdminProblem.notFound("there is no flow " + flow + NearestName.hint(flow, known) + ": " + choice(known));
    }

    private static String choice(List<String> known) {
        return known.isEmpty() ? "there is none yet" : "known are " + String.join(", ", known);
    }
}
