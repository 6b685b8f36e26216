package dev.serai.node.route;

import java.util.ArrayList;
import java.util.List;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/**
 * A step that makes a promise of the ledger false: between a source and {@code to: ledger:}, the source is answered before
 * the change is durable; behind {@code from: ledger:}, a change counts as delivered before its target has it.
 *
 * @param place the file and line of the step, null if Camel does not know them
 * @param end what the step does
 * @param behindLedger whether the step is behind {@code from: ledger:}
 * @param allowed whether the flow says {@code unsafe: true}
 */
record BrokenPromise(String flow, @Nullable String place, EarlyEnd end, boolean behindLedger, boolean allowed) {

    /** Throws {@link ConfigurationException} with file, line and what to do, if a step is not allowed. */
    static void refuse(CamelContext context) {
        List<String> refused = new ArrayList<>();
        for (BrokenPromise broken : all(context)) {
            if (!broken.allowed()) {
                refused.add((broken.place() == null ? "" : broken.place() + ": ") + broken.what()
                        + "; " + broken.end().instead() + ", or allow it with unsafe: true on "
                        + (broken.behindLedger() ? "from" : "to") + ": ledger:" + broken.flow());
            }
        }
        if (!refused.isEmpty()) {
            throw new ConfigurationException(String.join("\n", refused));
        }
    }

    static List<BrokenPromise> all(CamelContext context) {
        return new RouteWalk(context).brokenPromises();
    }

    /** What is lost, in one sentence. */
    String what() {
        return end.effect() + ", so that "
                + (behindLedger
                        ? "a change of " + flow + " counts as delivered although its target may never get it"
                        : end.lossBeforeLedger(flow));
    }
}
