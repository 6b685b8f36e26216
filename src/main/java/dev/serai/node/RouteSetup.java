package dev.serai.node;

import dev.serai.camel.StepLog;
import dev.serai.camel.egress.Egress;
import dev.serai.camel.ledger.LedgerConstants;
import dev.serai.ledger.Ledger;
import dev.serai.node.property.EnvironmentSource;
import dev.serai.node.route.ConfigurationException;
import dev.serai.node.route.RouteModel;
import dev.serai.node.route.RouteRules;
import dev.serai.reconcile.Reconciler;
import dev.serai.reconcile.book.BookPlace;
import dev.serai.reconcile.desk.ReconcileDesk;
import dev.serai.text.ExactJson;
import dev.serai.text.JqFunctions;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import net.thisptr.jackson.jq.Scope;
import org.apache.camel.CamelContext;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.spi.Registry;
import org.apache.camel.support.LifecycleStrategySupport;

/** What a node adds to routes as they are read, and what their steps find in its context. */
final class RouteSetup extends MainListenerSupport {
    private final Egress egress;
    private final RunOptions options;
    private final Settings settings;

    RouteSetup(Egress egress, RunOptions options, Settings settings) {
        this.egress = egress;
        this.options = options;
        this.settings = settings;
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
        reconcile(context);
    }

    /** Reads the reconcile files, without doing anything yet. */
    private void reconcile(CamelContext context) {
        BookPlace books =
                new BookPlace(Path.of(settings.get("serai.data"), "reconcile"), LedgerPlace.sideTables(settings));
        Reconciler reconciler = new Reconciler(context, RouteFiles.reconcileFinder(options), books, Clock.systemUTC());
        List<String> mistakes = reconciler.mistakes(false);
        if (!mistakes.isEmpty()) {
            throw new ConfigurationException(String.join("\n", mistakes));
        }
        context.getRegistry().bind("reconciler", reconciler);
    }

    /**
     * Refuses routes that break a rule, once they are loaded.
     *
     * @param withFiles also reconcile files that do not fit them; a reload leaves those to the running node
     */
    static void refuse(CamelContext context, boolean withFiles) {
        RouteRules.refuse(context);
        List<String> mistakes = withFiles ? reconciler(context).mistakes(true) : List.of();
        if (!mistakes.isEmpty()) {
            throw new ConfigurationException(String.join("\n", mistakes));
        }
    }

    private static Reconciler reconciler(CamelContext context) {
        return Objects.requireNonNull(context.getRegistry().findSingleByType(Reconciler.class), "bound before");
    }

    /** Lets reconciliations work while the context runs, which is that of a node and not of a rehearsal. */
    static void letReconcile(CamelContext context, Ledger ledger) {
        ReconcileDesk desk = new ReconcileDesk(reconciler(context), Clock.systemUTC());
        context.getRegistry().bind("reconcileDesk", desk);
        context.addLifecycleStrategy(new LifecycleStrategySupport() {
            @Override
            public void onContextStarted(CamelContext started) {
                desk.open(ledger);
            }

            @Override
            public void onContextStopping(CamelContext stopping) {
                desk.close();
            }
        });
    }
}
