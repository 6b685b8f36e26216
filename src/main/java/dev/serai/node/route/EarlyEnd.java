package dev.serai.node.route;

import java.util.Set;
import org.apache.camel.model.AggregateDefinition;
import org.apache.camel.model.DynamicRouterDefinition;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.ExpressionNode;
import org.apache.camel.model.MulticastDefinition;
import org.apache.camel.model.OnCompletionDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RecipientListDefinition;
import org.apache.camel.model.ResequenceDefinition;
import org.apache.camel.model.RoutingSlipDefinition;
import org.apache.camel.model.SplitDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.model.WireTapDefinition;
import org.jspecify.annotations.Nullable;

/**
 * How a step lets an exchange end before the work behind it is done: the exchange then succeeds although that work can still
 * fail, and is lost if the process dies.
 *
 * <p>Which steps do was tried with Camel 4.22, see {@code EarlyEndTest}: {@code threads}, {@code delay}, {@code throttle},
 * {@code loop}, {@code enrich}, and a {@code split} or {@code multicast} without a timeout let the exchange wait.
 *
 * @param name the step as it is written in a route
 * @param instead what to use instead
 */
record EarlyEnd(String name, String instead) {
    private static final String BATCH = "to send several changes at once, set batchSize on from: ledger:";
    private static final String DIRECT = "use direct: instead";
    private static final String NO_TIMEOUT =
            "leave the timeout out and set one on each step inside, such as timeout of http-sink";

    private static final String SPLIT = "split";
    private static final String BATCH_OF_PARTS =
            "make the list the body (setBody) and send it to the ledger with batch: true, which accepts all of it or nothing";

    /** Components that answer as soon as the message is in their memory. */
    private static final Set<String> IN_MEMORY =
            Set.of("seda", "disruptor", "disruptor-vm", "vertx", "guava-eventbus", "stub");

    /**
     * How a step on the way from a source to the ledger breaks its promise. Parts of a {@code split} are accepted one by one:
     * when one is refused, those before it are stored although the source is told that nothing is.
     *
     * <p>Null if the step keeps the promise.
     */
    static @Nullable EarlyEnd beforeLedger(ProcessorDefinition<?> step) {
        EarlyEnd end = of(step);
        return end == null && step instanceof SplitDefinition ? new EarlyEnd(SPLIT, BATCH_OF_PARTS) : end;
    }

    /** Null if the step waits for the work behind it. */
    static @Nullable EarlyEnd of(ProcessorDefinition<?> step) {
        if (step instanceof AggregateDefinition) {
            return new EarlyEnd("aggregate", BATCH);
        }
        if (step instanceof ResequenceDefinition) {
            return new EarlyEnd("resequence", "the ledger keeps the order of each key; " + BATCH);
        }
        if (step instanceof WireTapDefinition) {
            return new EarlyEnd("wireTap", "use multicast, or a target of its own for the other receiver");
        }
        if (step instanceof OnCompletionDefinition) {
            return new EarlyEnd("onCompletion", "put its steps at the end of the route");
        }
        if (step instanceof SplitDefinition split && isSet(split.getTimeout())) {
            return new EarlyEnd("split with a timeout", NO_TIMEOUT);
        }
        if (step instanceof MulticastDefinition multicast && isSet(multicast.getTimeout())) {
            return new EarlyEnd("multicast with a timeout", NO_TIMEOUT);
        }
        if (step instanceof RecipientListDefinition<?> list && isSet(list.getTimeout())) {
            return new EarlyEnd("recipientList with a timeout", NO_TIMEOUT);
        }
        if (step instanceof ToDynamicDefinition dynamic) {
            return of(dynamic.getUri());
        }
        if (step instanceof EndpointRequiredDefinition to) {
            return of(to.getEndpointUri());
        }
        if (step instanceof RecipientListDefinition<?>
                || step instanceof RoutingSlipDefinition<?>
                || step instanceof DynamicRouterDefinition<?>) {
            return ofNamesIn((ExpressionNode) step);
        }
        return null;
    }

    /** What the step does. */
    String effect() {
        return name.equals(SPLIT)
                ? "split hands its parts to the ledger one by one"
                : name + " ends an exchange before its work is done";
    }

    /** What follows for a source. */
    String lossBeforeLedger(String flow) {
        return name.equals(SPLIT)
                ? "a source of " + flow + " is refused although some of its parts are stored"
                : "a source of " + flow + " is answered although its change may never be stored";
    }

    private static @Nullable EarlyEnd of(@Nullable String uri) {
        if (uri == null || uri.contains("waitForTaskToComplete=Always")) {
            return null;
        }
        String scheme = uri.replaceFirst(":.*", "");
        return IN_MEMORY.contains(scheme) ? new EarlyEnd(scheme + ":", DIRECT) : null;
    }

    /** Finds the components that an expression names in plain text; others are not known before it is evaluated. */
    private static @Nullable EarlyEnd ofNamesIn(ExpressionNode step) {
        String text = step.getExpression() == null ? null : step.getExpression().getExpression();
        if (text == null) {
            return null;
        }
        for (String scheme : IN_MEMORY) {
            if (text.matches("(?s)(?:.*[^\\w-])?" + scheme + ":.*")) {
                return new EarlyEnd(step.getShortName() + " with " + scheme + ":", DIRECT);
            }
        }
        return null;
    }

    private static boolean isSet(@Nullable String timeout) {
        return timeout != null && !timeout.isBlank() && !timeout.equals("0");
    }
}
