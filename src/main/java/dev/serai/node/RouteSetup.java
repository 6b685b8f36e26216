package dev.serai.node;

import dev.serai.camel.StepLog;
import dev.serai.camel.egress.Egress;
import dev.serai.camel.ledger.LedgerConstants;
import dev.serai.node.property.EnvironmentSource;
import dev.serai.node.route.RouteModel;
import dev.serai.text.ExactJson;
import dev.serai.text.JqFunctions;
import net.thisptr.jackson.jq.Scope;
import org.apache.camel.CamelContext;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.spi.Registry;

/** What a node adds to routes as they are read, and what their steps find in its context. */
final class RouteSetup extends MainListenerSupport {
    private final Egress egress;

    RouteSetup(Egress egress) {
        this.egress = egress;
    }

    /** Before the routes are read: a strategy sees only those that are added after it. */
    @Override
    public void beforeConfigure(BaseMainSupport main) {
        CamelContext context = main.getCamelContext();
        EnvironmentSource.in(context);
        RouteModel.watch(context, egress);
        RouteModel.model(context).addModelLifecycleStrategy(new QuietErrors());
    }

    @Override
    public void afterConfigure(BaseMainSupport main) {
        CamelContext context = main.getCamelContext();
        QuietErrors.in(context);
        StepLog.in(context, LedgerConstants.FLOW, LedgerConstants.TARGET);
        Registry beans = context.getRegistry();
        beans.bind("exactJson", ExactJson.routeMapper());
        beans.bind("jqFunctions", Scope.class, JqFunctions::newScope);
    }
}
