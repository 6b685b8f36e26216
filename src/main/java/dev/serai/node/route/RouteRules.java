package dev.serai.node.route;

import org.apache.camel.CamelContext;

/** The rules for routes that Camel itself does not have. */
public final class RouteRules {
    private RouteRules() {}

    /** Looks at all routes that are loaded; throws {@link ConfigurationException} with file, line, reason and what to do. */
    public static void refuse(CamelContext context) {
        KameletOptions.refuseUnknown(RouteModel.model(context));
        JqRule.refuseBroken(context);
        DynamicLedger.refuse(context);
        BrokenPromise.refuse(context);
        SharedName.refuse(context);
    }
}
