package dev.serai.node.route;

import java.util.Set;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.DynamicRouterDefinition;
import org.apache.camel.model.EnrichDefinition;
import org.apache.camel.model.PollEnrichDefinition;
import org.apache.camel.model.ProcessDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RecipientListDefinition;
import org.apache.camel.model.RoutingSlipDefinition;
import org.apache.camel.model.ScriptDefinition;

/** Tells the steps of a target's route that bring a change to somebody from those that only look at it or transform it. */
public final class SendingStep {
    /** What works on the message in this process, or hands it to a route that is looked at by itself. */
    private static final Set<String> LOCAL = Set.of(
            "browse",
            "controlbus",
            "dataformat",
            "direct",
            "freemarker",
            "jolt",
            "json-patch",
            "json-validator",
            "jsonata",
            "jslt",
            "language",
            "log",
            "mustache",
            "signature",
            "string-template",
            "validator",
            "velocity",
            "xj",
            "xslt",
            "xslt-saxon");

    private SendingStep() {}

    /** @param uri of an endpoint; what is no URI sends nothing */
    public static boolean isSending(String uri) {
        String plain = RouteLinks.withoutParameters(uri);
        return plain.contains(":") && !LOCAL.contains(plain.replaceFirst(":.*", ""));
    }

    /** A step that sends to what its expression names. */
    public static boolean namesReceivers(ProcessorDefinition<?> step) {
        return step instanceof RecipientListDefinition<?>
                || step instanceof RoutingSlipDefinition<?>
                || step instanceof DynamicRouterDefinition<?>
                || step instanceof EnrichDefinition
                || step instanceof PollEnrichDefinition;
    }

    /** A step whose code is the user's own, and may send. */
    static boolean isOwnCode(ProcessorDefinition<?> step) {
        return step instanceof BeanDefinition || step instanceof ProcessDefinition || step instanceof ScriptDefinition;
    }
}
