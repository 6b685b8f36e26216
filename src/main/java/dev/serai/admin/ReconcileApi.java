package dev.serai.admin;

import dev.serai.admin.ActionAudit.Plan;
import dev.serai.ledger.delivery.RateLimit;
import dev.serai.ledger.model.LedgerException;
import dev.serai.reconcile.ReconcileReport;
import dev.serai.reconcile.RunRequest;
import dev.serai.reconcile.desk.ReconcileDesk;
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
        return desk(name).report(name);
    }

    /** Refuses a name that no file has. */
    private ReconcileDesk desk(String name) {
        @Nullable ReconcileDesk desk = camel.getRegistry().findSingleByType(ReconcileDesk.class);
        List<String> names = desk == null ? List.of() : desk.names();
        if (desk == null || !names.contains(name)) {
            String refusal = desk == null ? null : desk.refusal(name).orElse(null);
            throw refusal == null
                    ? AdminProblem.notFound(
                            "there is no " + name + ".reconcile.yaml beside the routes" + others(name, names))
                    : new AdminProblem(409, refusal);
        }
        return desk;
    }

    private static String others(String name, List<String> names) {
        return NearestName.hint(name, names) + (names.isEmpty() ? "" : ": there are " + String.join(", ", names));
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

    /** What is made of what was asked for, which may make no sense, or be refused now. */
    private static <T> T asked(Supplier<T> maker) {
        try {
            return maker.get();
        } catch (IllegalArgumentException | LedgerException.Invalid e) {
            throw AdminProblem.badRequest(String.valueOf(e.getMessage()));
        } catch (LedgerException.InUse e) {
            throw new AdminProblem(409, String.valueOf(e.getMessage()));
        }
    }

    private ReconcileReport started(String name, RunRequest request) {
        return asked(() -> desk(name).start(name, request));
    }

    // ---- Bills

    private AdminAnswer billDays(RoutingContext ctx) {
        RequestQuery query = new RequestQuery(ctx.queryParams(), "limit");
        int limit = (int) query.number("limit", DAYS_DEFAULT, 1, AdminApi.LIMIT_MAX);
        return AdminAnswer.ok(bills(ctx).days(ctx.pathParam("name"), limit));
    }

    private AdminAnswer billDay(RoutingContext ctx) {
        new RequestQuery(ctx.queryParams());
        boolean isNewest = ctx.pathParam("day").equals(NEWEST);
        return AdminAnswer.ok(bills(ctx).day(ctx.pathParam("name"), isNewest ? null : day(ctx)));
    }

    private Plan startBill(RoutingContext ctx) {
        RequestBody body = RequestBody.read(AdminApi.bytes(ctx), "repair", "dryRun", "reason");
        ReconcileDesk desk = bills(ctx);
        String name = ctx.pathParam("name");
        LocalDate day = day(ctx);
        boolean reopen = body.text("reason") != null;
        boolean repair = body.flag("repair");
        boolean dryRun = body.flag("dryRun");
        return Plan.of(() -> CompletableFuture.completedFuture(
                new AdminAnswer(RUNNING, asked(() -> desk.startDay(name, day, repair, dryRun, reopen)))));
    }

    private Plan signOff(RoutingContext ctx) {
        RequestBody body = RequestBody.read(AdminApi.bytes(ctx), "reason");
        @Nullable String reason = body.text("reason");
        ReconcileDesk desk = bills(ctx);
        String name = ctx.pathParam("name");
        LocalDate day = day(ctx);
        String by = AdminServer.callerOf(ctx).name();
        return Plan.of(() -> CompletableFuture.completedFuture(AdminAnswer.ok(
                asked(() -> desk.signOff(name, day, by, reason == null || reason.isBlank() ? null : reason)))));
    }

    private ReconcileDesk bills(RoutingContext ctx) {
        String name = ctx.pathParam("name");
        @Nullable ReconcileDesk desk = camel.getRegistry().findSingleByType(ReconcileDesk.class);
        List<String> names = desk == null ? List.of() : desk.bills();
        if (desk == null || !names.contains(name)) {
            throw AdminProblem.notFound(
                    "there is no " + name + ".reconcile.yaml with a bill beside the routes" + others(name, names));
        }
        return desk;
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
