package dev.serai.admin;

import dev.serai.admin.ActionAudit.Plan;
import dev.serai.ledger.delivery.RateLimit;
import dev.serai.reconcile.ReconcileReport;
import dev.serai.reconcile.Reconciler;
import dev.serai.reconcile.RunRequest;
import dev.serai.reconcile.bill.BillKeeper;
import dev.serai.text.NearestName;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/** The part of the admin API that compares targets with the ledger, and both with bills: what was found, new runs, and sign-offs. */
final class ReconcileApi {
    private static final int RUNNING = 202;
    /** Stands for the newest day whose bill is available. */
    private static final String NEWEST = "newest";

    private static final int DAYS_DEFAULT = 31;

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
        router.get("/api/bills/:name").handler(ctx -> replies.reading(ctx, this::billDays));
        router.get("/api/bills/:name/:day").handler(ctx -> replies.reading(ctx, this::billDay));
        router.post("/api/bills/:name/:day").handler(ctx -> audit.act(ctx, "bills", this::startBill));
        router.post("/api/bills/:name/:day/sign-off").handler(ctx -> audit.act(ctx, "bills sign-off", this::signOff));
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
        String refusal = report != null || reconciler == null
                ? null
                : reconciler.refusal(name).orElse(null);
        if (refusal != null) {
            throw new AdminProblem(409, refusal);
        }
        if (report == null) {
            throw AdminProblem.notFound("there is no " + name + ".reconcile.yaml beside the routes"
                    + NearestName.hint(name, names)
                    + (names.isEmpty() ? "" : ": there are " + String.join(", ", names)));
        }
        return report;
    }

    private Plan start(RoutingContext ctx) {
        String name = ctx.pathParam("name");
        RequestBody body = RequestBody.read(
                AdminApi.bytes(ctx), "hot", "sample", "repair", "dryRun", "only", "rate", "limit", "reason");
        body.text("reason");
        RunRequest request = asked(() -> new RunRequest(
                body.flag("hot"),
                (int) body.number("sample", 0),
                body.flag("repair"),
                body.flag("dryRun"),
                body.texts("only"),
                rate(body),
                (long) body.number("limit", RunRequest.LIMIT_DEFAULT)));
        report(name);
        return Plan.of(() -> CompletableFuture.completedFuture(new AdminAnswer(RUNNING, started(name, request))));
    }

    private static double rate(RequestBody body) {
        double rate = body.number("rate", RunRequest.RATE_DEFAULT);
        RateLimit.requireValid(rate);
        return rate;
    }

    /** What is made of what was asked for, which may make no sense. */
    private static <T> T asked(Supplier<T> maker) {
        try {
            return maker.get();
        } catch (IllegalArgumentException e) {
            throw AdminProblem.badRequest(String.valueOf(e.getMessage()));
        }
    }

    private ReconcileReport started(String name, RunRequest request) {
        @Nullable Reconciler reconciler = camel.getRegistry().findSingleByType(Reconciler.class);
        if (reconciler == null || !asked(() -> reconciler.start(name, request))) {
            throw new AdminProblem(409, "a run of " + name + " is under way: ask again when it is over");
        }
        return report(name);
    }

    // ---- Bills

    private AdminAnswer billDays(RoutingContext ctx) {
        RequestQuery query = new RequestQuery(ctx.queryParams(), "limit");
        int limit = (int) query.number("limit", DAYS_DEFAULT, 1, AdminApi.LIMIT_MAX);
        return AdminAnswer.ok(bills(ctx).days(limit));
    }

    private AdminAnswer billDay(RoutingContext ctx) {
        new RequestQuery(ctx.queryParams());
        BillKeeper bills = bills(ctx);
        boolean isNewest = ctx.pathParam("day").equals(NEWEST);
        return AdminAnswer.ok(bills.report(isNewest ? bills.newest() : day(ctx)));
    }

    private Plan startBill(RoutingContext ctx) {
        RequestBody body = RequestBody.read(AdminApi.bytes(ctx), "repair", "dryRun", "reason");
        BillKeeper bills = bills(ctx);
        LocalDate day = day(ctx);
        boolean reopen = body.text("reason") != null;
        boolean repair = body.flag("repair");
        boolean dryRun = body.flag("dryRun");
        return Plan.of(() -> {
            refuse(bills.start(day, repair, dryRun, reopen));
            return CompletableFuture.completedFuture(new AdminAnswer(RUNNING, bills.report(day)));
        });
    }

    private Plan signOff(RoutingContext ctx) {
        RequestBody body = RequestBody.read(AdminApi.bytes(ctx), "reason");
        @Nullable String reason = body.text("reason");
        BillKeeper bills = bills(ctx);
        LocalDate day = day(ctx);
        String by = AdminServer.callerOf(ctx).name();
        return Plan.of(() -> {
            refuse(bills.signOff(day, by, reason == null || reason.isBlank() ? null : reason));
            return CompletableFuture.completedFuture(AdminAnswer.ok(bills.report(day)));
        });
    }

    private static void refuse(@Nullable String why) {
        if (why != null) {
            throw new AdminProblem(409, why);
        }
    }

    private BillKeeper bills(RoutingContext ctx) {
        String name = ctx.pathParam("name");
        @Nullable Reconciler reconciler = camel.getRegistry().findSingleByType(Reconciler.class);
        List<String> names = reconciler == null ? List.of() : reconciler.bills();
        BillKeeper bills = reconciler == null ? null : reconciler.bills(name).orElse(null);
        if (bills == null) {
            throw AdminProblem.notFound("there is no " + name + ".reconcile.yaml with a bill beside the routes"
                    + NearestName.hint(name, names)
                    + (names.isEmpty() ? "" : ": there are " + String.join(", ", names)));
        }
        return bills;
    }

    private static LocalDate day(RoutingContext ctx) {
        String text = ctx.pathParam("day");
        try {
            return LocalDate.parse(text);
        } catch (DateTimeException e) {
            throw AdminProblem.badRequest("the day must be a date like 2026-11-29, not " + text);
        }
    }
}
