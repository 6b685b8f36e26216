package dev.serai.admin;

import dev.serai.admin.forecast.ForecastAnswers;
import dev.serai.admin.forecast.HistoryAnswers;
import dev.serai.ledger.FlowHistory;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.history.HistoryQuery;
import dev.serai.ledger.history.HistoryStep;
import dev.serai.ledger.history.StateChange;
import dev.serai.ledger.model.TargetName;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The part of the admin API that shows what happened in each minute or hour, and what is foretold from it. */
final class HistoryApi {
    private static final Duration MINUTES_SHOWN = Duration.ofHours(3);
    private static final Duration HOURS_SHOWN = Duration.ofDays(7);
    private static final int MARKS_MAX = 200;
    /** Of so many actions those are shown that concern the flow. */
    private static final int ACTIONS_MAX = 2_000;

    private static final String RELOAD = "reload";

    private final FlowHistory history;
    private final HistoryAnswers answers;
    private final ForecastAnswers forecasts;
    private final Clock clock;
    private final AdminReplies replies;
    private final KnownNames names;

    HistoryApi(Ledger ledger, Clock clock, AdminReplies replies) {
        this.history = ledger.history();
        this.answers = new HistoryAnswers(ledger, replies::written);
        this.forecasts = new ForecastAnswers(ledger, replies::written);
        this.clock = clock;
        this.replies = replies;
        this.names = new KnownNames(ledger);
    }

    private record HistoryJson(String step, String since, String until, List<?> points, List<MarkJson> marks) {}

    /** @param kind audit or state */
    private record MarkJson(String at, String kind, String text) {}

    void mount(Router router) {
        router.get("/api/history").handler(ctx -> replies.reading(ctx, this::history));
        router.get("/api/forecast").handler(ctx -> replies.computing(ctx, this::forecasts));
        router.get("/api/forecast/:flow/:target").handler(ctx -> replies.computing(ctx, this::forecast));
    }

    private AdminAnswer forecasts(RoutingContext ctx) {
        new RequestQuery(ctx.queryParams());
        return AdminAnswer.ok(forecasts.all());
    }

    private AdminAnswer forecast(RoutingContext ctx) {
        new RequestQuery(ctx.queryParams());
        TargetName target = new TargetName(ctx.pathParam("flow"), ctx.pathParam("target"));
        names.requireTarget(target.flow(), target.target());
        return forecasts
                .of(target)
                .<AdminAnswer>map(AdminAnswer::ok)
                .orElseThrow(() -> new AdminProblem(
                        409,
                        target.flow() + "/" + target.target()
                                + " is paused, or no route delivers to it, so nothing can be foretold: resume it,"
                                + " or start its route"));
    }

    private AdminAnswer history(RoutingContext ctx) {
        RequestQuery request = new RequestQuery(ctx.queryParams(), "flow", "target", "since", "until", "step");
        @Nullable String flow = request.text("flow");
        @Nullable String target = request.text("target");
        if (target != null && flow == null) {
            throw AdminProblem.badRequest("target needs flow: add flow=NAME");
        }
        names.requireTarget(flow, target);
        HistoryStep step = step(request.text("step"));
        Instant now = clock.instant();
        @Nullable Instant since = request.time("since");
        @Nullable Instant until = request.time("until");
        HistoryQuery query = new HistoryQuery(
                        step,
                        flow,
                        target,
                        since == null ? now.minus(step == HistoryStep.MINUTE ? MINUTES_SHOWN : HOURS_SHOWN) : since,
                        until == null ? Instant.MAX : until)
                .within(now);
        return AdminAnswer.ok(new HistoryJson(
                ApiJson.lower(step),
                ApiJson.time(query.since()),
                ApiJson.time(query.until()),
                answers.points(query),
                marks(query)));
    }

    private static HistoryStep step(@Nullable String word) {
        return switch (word == null ? "minute" : word) {
            case "minute" -> HistoryStep.MINUTE;
            case "hour" -> HistoryStep.HOUR;
            default -> throw AdminProblem.badRequest("there is no step " + word + ": use minute or hour");
        };
    }

    private List<MarkJson> marks(HistoryQuery query) {
        Stream<MarkJson> actions = history.actions(query, ACTIONS_MAX).stream()
                .filter(entry -> concerns(entry, query.flow(), query.target()))
                .limit(MARKS_MAX)
                .map(HistoryApi::mark);
        Stream<MarkJson> states =
                history.stateChanges(query, MARKS_MAX).stream().map(HistoryApi::mark);
        List<MarkJson> marks = new ArrayList<>(Stream.concat(actions, states).toList());
        marks.sort(Comparator.comparing(MarkJson::at));
        return marks;
    }

    /** A reload may concern any flow: its file may have had a route of the flow. */
    private static boolean concerns(AuditEntry entry, @Nullable String flow, @Nullable String target) {
        String what = entry.what();
        return flow == null
                || entry.action().equals(RELOAD)
                || what.equals(ActionAudit.ALL_FLOWS + "/" + ActionAudit.ALL_TARGETS)
                || what.equals(ActionAudit.ALL_FLOWS + "/" + target)
                || what.equals(flow + "/" + ActionAudit.ALL_TARGETS)
                || (target == null ? what.startsWith(flow + "/") : what.equals(flow + "/" + target));
    }

    private static MarkJson mark(AuditEntry entry) {
        String reason = entry.reason();
        return new MarkJson(
                ApiJson.time(entry.at()),
                "audit",
                entry.actor() + ": " + entry.action() + " " + entry.what()
                        + (reason == null ? "" : ", because " + reason) + ": " + entry.outcome());
    }

    private static MarkJson mark(StateChange change) {
        return new MarkJson(
                ApiJson.time(change.at()),
                "state",
                change.flow() + "/" + change.target() + ": " + change.before() + " → " + change.state());
    }
}
