package dev.serai.admin;

import dev.serai.admin.ActionAudit.Plan;
import dev.serai.ledger.delivery.RateLimit;
import dev.serai.reconcile.ReconcileReport;
import dev.serai.reconcile.Reconciler;
import dev.serai.reconcile.RunRequest;
import dev.serai.text.NearestName;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/** The part of the admin API that compares targets with the ledger: what was found, and new runs. */
final class ReconcileApi {
    private static final int RUNNING = 202;

    private final CamelContext camel;
    private final AdminReplies replies;
    private final ActionAudit audit;

    ReconcileApi(CamelContext camel, AdminReplies replies, ActionAudit audit) {
        this.camel = camel;
        this.replies = replies;
        this.audit = audit;
    }

    void mount(Router router) {
        router.get("/api/reconcile/:name").handler(ctx -> replies.reading(ctx, this::report));
        router.post("/api/reconcile/:name").handler(ctx -> audit.act(ctx, "reconcile", this::start));
    }

    private AdminAnswer report(RoutingContext ctx) {
        new RequestQuery(ctx.queryParams());
        return AdminAnswer.ok(report(ctx.pathParam("name")));
    }

    private ReconcileReport report(String name) {
        @Nullable Reconciler reconciler = camel.getRegistry().findSingleByType(Reconciler.class);
        List<String> names = reconciler == null ? List.of() : reconciler.names();
        ReconcileReport report =
                reconciler == null ? null : reconciler.report(name).orElse(null);
        if (report == null) {
            throw AdminProblem.notFound("there is no " + name + ".reconcile.yaml beside the routes"
                    + NearestName.hint(name, names)
                    + (names.isEmpty() ? "" : ": there are " + String.join(", ", names)));
        }
        return report;
    }

    private Plan start(RoutingContext ctx) {
        String name = ctx.pathParam("name");
        RequestBody body =
                RequestBody.read(AdminApi.bytes(ctx), "hot", "repair", "dryRun", "only", "rate", "limit", "reason");
        body.text("reason");
        RunRequest request = new RunRequest(
                body.flag("hot"), body.flag("repair"), body.flag("dryRun"), body.texts("only"), rate(body), (long)
                        body.number("limit", RunRequest.LIMIT_DEFAULT));
        report(name);
        return Plan.of(() -> CompletableFuture.completedFuture(new AdminAnswer(RUNNING, started(name, request))));
    }

    private static double rate(RequestBody body) {
        double rate = body.number("rate", RunRequest.RATE_DEFAULT);
        try {
            RateLimit.requireValid(rate);
        } catch (IllegalArgumentException e) {
            throw AdminProblem.badRequest(String.valueOf(e.getMessage()));
        }
        return rate;
    }

    private ReconcileReport started(String name, RunRequest request) {
        @Nullable Reconciler reconciler = camel.getRegistry().findSingleByType(Reconciler.class);
        if (reconciler == null || !reconciler.start(name, request)) {
            throw new AdminProblem(409, "a run of " + name + " is under way: ask again when it is over");
        }
        return report(name);
    }
}
