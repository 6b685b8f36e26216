package dev.serai.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.access.NamedToken;
import dev.serai.access.NamedTokens.TokenChanges;
import dev.serai.admin.event.EventContent.LogEvent;
import dev.serai.ledger.AuditLog;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.audit.ActionEnd;
import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.audit.AuditQuery;
import dev.serai.text.ExactJson;
import dev.serai.text.JsonText;
import dev.serai.text.LogText;
import io.netty.handler.codec.http.QueryStringEncoder;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The part of the admin API that notes who did what, and shows it. Every request that changes something goes through
 * {@link #act}.
 *
 * <p>Threads: safe.
 */
final class AuditApi {
    static final String ALL_FLOWS = "all flows";
    static final String ALL_TARGETS = "all targets";

    private static final int TEXT_MAX = 500;
    private static final int FILTER_MAX = 4_000;
    private static final int LIMIT_DEFAULT = 100;
    private static final int AFTER_PAGE = 20;
    private static final String DETAIL = "auditDetail";
    private static final String LONG_ACTION = "auditLongAction";
    /** So are requests answered that were not understood, or name what does not exist: they did nothing. */
    private static final List<Integer> NOTHING_DONE = List.of(400, 404, 422);

    private final AuditLog log;
    private final AdminReplies replies;

    AuditApi(Ledger ledger, AdminReplies replies) {
        this.log = ledger.actions().log();
        this.replies = replies;
    }

    void mount(Router router) {
        router.get("/api/log").handler(ctx -> replies.reading(ctx, this::list));
    }

    /** Answers as {@link AdminReplies#later}, after the action, its caller and its outcome are in the audit. */
    void act(RoutingContext ctx, String action, Function<RoutingContext, CompletionStage<AdminAnswer>> work) {
        replies.later(ctx, now -> begun(now, work)
                .handle((answer, failure) -> noted(now, action, answer, failure))
                .thenCompose(answered -> answered));
    }

    private static CompletionStage<AdminAnswer> begun(
            RoutingContext ctx, Function<RoutingContext, CompletionStage<AdminAnswer>> work) {
        try {
            new RequestQuery(ctx.queryParams()); // a filter there would be left out of what is done
            return work.apply(ctx);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private CompletionStage<AdminAnswer> noted(
            RoutingContext ctx, String action, @Nullable AdminAnswer answer, @Nullable Throwable failure) {
        CompletionStage<AdminAnswer> answered =
                failure == null ? CompletableFuture.completedFuture(answer) : CompletableFuture.failedFuture(failure);
        ObjectNode body = body(ctx);
        if (body.path("dryRun").asBoolean() || didNothing(failure)) {
            return answered;
        }
        @Nullable LongAction begun = failure == null ? ctx.get(LONG_ACTION) : null;
        @Nullable ActionEnd end = begun == null ? null : begun.end().getNow(null);
        @Nullable Long acted = answer != null && answer.shape() instanceof DeliveryJson.Acted some ? some.count() : null;
        String outcome = end != null ? end.outcome() : begun != null ? begun.running() : outcome(ctx, failure);
        String reason = LogText.line(body.path("reason").asText(""), TEXT_MAX);
        AuditEntry entry = AuditEntry.of(
                AdminServer.callerOf(ctx).name(),
                action,
                LogText.line(what(ctx, body), TEXT_MAX),
                filter(ctx, body),
                end != null ? end.count() : acted,
                reason.isBlank() ? null : reason,
                LogText.line(outcome, TEXT_MAX));
        return (begun == null || end != null
                        ? log.append(entry)
                        : log.append(entry, begun.end().thenApply(AuditApi::line)))
                .thenCompose(done -> answered);
    }

    private static ActionEnd line(ActionEnd end) {
        return new ActionEnd(LogText.line(end.outcome(), TEXT_MAX), end.count());
    }

    private static boolean didNothing(@Nullable Throwable failure) {
        return cause(failure) instanceof AdminProblem problem
                && NOTHING_DONE.contains(problem.problem().status());
    }

    private static @Nullable Throwable cause(@Nullable Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    /** Empty if it is not a JSON object. */
    private static ObjectNode body(RoutingContext ctx) {
        try {
            JsonNode node = ExactJson.MAPPER.readTree(AdminApi.bytes(ctx));
            return node instanceof ObjectNode object ? object : ExactJson.MAPPER.createObjectNode();
        } catch (IOException e) {
            return ExactJson.MAPPER.createObjectNode();
        }
    }

    private static String what(RoutingContext ctx, ObjectNode body) {
        Map<String, String> path = ctx.pathParams();
        if (path.containsKey("flow")) {
            return path.get("flow") + "/" + path.get("target");
        }
        if (!path.isEmpty()) {
            return String.join(" ", path.values());
        }
        if (body.has("file")) {
            return body.path("file").asText();
        }
        return body.path("flow").asText(ALL_FLOWS) + "/" + body.path("target").asText(ALL_TARGETS);
    }

    private static @Nullable String filter(RoutingContext ctx, ObjectNode body) {
        if (!ctx.pathParams().isEmpty() || body.has("file")) {
            return null;
        }
        ObjectNode filter = body.deepCopy();
        filter.remove(List.of("reason", "dryRun"));
        if (filter.toString().length() > FILTER_MAX) {
            for (String list : List.of("keys", "sequences")) {
                if (filter.path(list).isArray()) {
                    filter.put(list, filter.path(list).size() + " of them");
                }
            }
        }
        if (filter.toString().length() > FILTER_MAX) {
            filter.removeAll().put("tooLong", true);
        }
        return filter.isEmpty() ? null : JsonText.escaped(filter.toString());
    }

    /** What the entry says instead of "done". */
    static void detail(RoutingContext ctx, String detail) {
        ctx.put(DETAIL, detail);
    }

    private record LongAction(String running, CompletableFuture<ActionEnd> end) {}

    /**
     * Says that the action may go on after its answer.
     *
     * @param running what the entry says until then
     * @param end what it says when this completes; it never fails
     */
    static void goesOn(RoutingContext ctx, String running, CompletableFuture<ActionEnd> end) {
        ctx.put(LONG_ACTION, new LongAction(running, end));
    }

    private static String outcome(RoutingContext ctx, @Nullable Throwable failure) {
        @Nullable Throwable cause = cause(failure);
        if (cause instanceof AdminProblem problem) {
            return "refused: " + problem.problem().detail();
        }
        if (cause != null) {
            return "failed: " + (cause.getMessage() == null ? cause.toString() : cause.getMessage());
        }
        @Nullable String detail = ctx.get(DETAIL);
        return detail == null ? "done" : detail;
    }

    /** Notes tokens that came and went; they are made by commands that no node answers. */
    void tokens(TokenChanges changes) {
        changes.removed().forEach(token -> token("token remove", token));
        changes.added().forEach(token -> token("token add", token));
    }

    private void token(String action, NamedToken token) {
        String what = token.name() + " (" + token.role().word() + ")";
        log.append(AuditEntry.of("local", action, what, null, null, null, "done"));
    }

    private record LogEntryJson(
            long id,
            String at,
            String actor,
            String action,
            String what,
            @Nullable JsonNode filter,
            @Nullable Long count,
            @Nullable String reason,
            String outcome) {}

    private AdminAnswer list(RoutingContext ctx) {
        RequestQuery query = new RequestQuery(ctx.queryParams(), "since", "until", "actor", "action", "limit", "after");
        int limit = (int) query.number("limit", LIMIT_DEFAULT, 1, AdminApi.LIMIT_MAX);
        List<AuditEntry> found = log.list(new AuditQuery(
                query.time("since"),
                query.time("until"),
                query.text("actor"),
                query.text("action"),
                query.number("after", Long.MAX_VALUE, 1, Long.MAX_VALUE),
                limit));
        @Nullable String next =
                found.size() < limit ? null : next(ctx, found.get(limit - 1).id());
        return new AdminAnswer(200, found.stream().map(AuditApi::json).toList(), next);
    }

    /** The id of the newest entry, 0 if there is none; may block. */
    long newest() {
        return newestBefore(Long.MAX_VALUE, 1).stream()
                .mapToLong(AuditEntry::id)
                .findFirst()
                .orElse(0);
    }

    /** The entries after the one with this id, the oldest first and a limited number; may block. */
    List<LogEvent> after(long id) {
        Deque<LogEvent> found = new ArrayDeque<>();
        long before = Long.MAX_VALUE;
        while (found.size() < AdminApi.LIMIT_MAX) {
            List<AuditEntry> page = newestBefore(before, AFTER_PAGE);
            for (AuditEntry entry : page) {
                if (entry.id() <= id) {
                    return List.copyOf(found);
                }
                found.addFirst(new LogEvent(entry.id(), ApiJson.write(json(entry))));
                before = entry.id();
            }
            if (page.size() < AFTER_PAGE) {
                break;
            }
        }
        return List.copyOf(found);
    }

    private List<AuditEntry> newestBefore(long before, int limit) {
        return log.list(new AuditQuery(null, null, null, null, before, limit));
    }

    private static String next(RoutingContext ctx, long after) {
        QueryStringEncoder next = new QueryStringEncoder("/api/log");
        ctx.queryParams().forEach(one -> {
            if (!one.getKey().equals("after")) {
                next.addParam(one.getKey(), one.getValue());
            }
        });
        next.addParam("after", String.valueOf(after));
        return next.toString();
    }

    private static LogEntryJson json(AuditEntry entry) {
        return new LogEntryJson(
                entry.id(),
                ApiJson.time(entry.at()),
                entry.actor(),
                entry.action(),
                entry.what(),
                filterJson(entry.filter()),
                entry.count(),
                entry.reason(),
                entry.outcome());
    }

    private static @Nullable JsonNode filterJson(@Nullable String filter) {
        try {
            return filter == null ? null : ExactJson.MAPPER.readTree(filter);
        } catch (IOException e) {
            return null; // it was written by this class
        }
    }
}
