package dev.serai.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.ledger.AuditLog;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.audit.ActionEnd;
import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.model.LedgerException;
import dev.serai.text.ExactJson;
import dev.serai.text.JsonText;
import dev.serai.text.LogText;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Carries out the requests that change something, and notes them in the audit: who wants what before it begins, and how it ended.
 * Every such request goes through {@link #act}.
 *
 * <p>What is not understood, is not possible, or only counts is answered without an entry: it did nothing.
 *
 * <p>Threads: safe.
 */
final class ActionAudit {
    static final String ALL_FLOWS = "all flows";
    static final String ALL_TARGETS = "all targets";

    private static final int TEXT_MAX = 500;
    private static final int FILTER_MAX = 4_000;
    private static final String DONE = "done";

    private final AuditLog log;
    private final AdminReplies replies;

    ActionAudit(Ledger ledger, AdminReplies replies) {
        this.log = ledger.actions().log();
        this.replies = replies;
    }

    /**
     * What a request asks for, once it is understood and found possible.
     *
     * @param nothing the answer, if nothing is to be done; otherwise null
     * @param matched how many deliveries it is about; null if that has no meaning
     * @param running what the audit says until it ends
     * @param work begins it; may block
     */
    record Plan(@Nullable AdminAnswer nothing, @Nullable Long matched, String running, Supplier<Work> work) {

        /** Changes nothing. */
        static Plan nothing(Object shape) {
            return new Plan(AdminAnswer.ok(shape), null, "", () -> {
                throw new IllegalStateException("there is nothing to do");
            });
        }

        /** Ends with its answer. */
        static Plan of(Supplier<? extends CompletionStage<AdminAnswer>> work) {
            return of(null, work);
        }

        /** Ends with its answer. */
        static Plan of(@Nullable Long matched, Supplier<? extends CompletionStage<AdminAnswer>> work) {
            return new Plan(null, matched, AuditEntry.RUNNING, () -> Work.of(work.get(), DONE));
        }
    }

    /**
     * An action under way.
     *
     * @param end never fails. It completes before the answer, unless the answer says that the action goes on
     */
    record Work(CompletionStage<AdminAnswer> answer, CompletableFuture<ActionEnd> end) {
        /** An action that ends with its answer. @param done what the audit says then */
        static Work of(CompletionStage<AdminAnswer> answer, String done) {
            CompletableFuture<ActionEnd> end =
                    answer.handle((now, failure) -> how(done, now, failure)).toCompletableFuture();
            return new Work(end.thenCompose(ended -> answer), end);
        }

        private static ActionEnd how(String done, @Nullable AdminAnswer answer, @Nullable Throwable failure) {
            if (failure != null) {
                return failed(failure);
            }
            return new ActionEnd(
                    done, answer != null && answer.shape() instanceof DeliveryJson.Acted some ? some.count() : null);
        }
    }

    /** How an action ended that failed, with how many it had changed, if that is known. */
    static ActionEnd failed(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof AdminProblem problem) {
            return new ActionEnd("refused: " + problem.problem().detail(), null);
        }
        ActionEnd end = ActionEnd.failed(cause);
        return cause instanceof LedgerException.Unfinished unfinished
                ? new ActionEnd(end.outcome(), unfinished.changed())
                : end;
    }

    /** Answers as {@link AdminReplies#later}, when the action, its caller and its end, if it has ended, are in the audit. */
    void act(RoutingContext ctx, String action, Function<RoutingContext, Plan> prepare) {
        replies.later(ctx, now -> {
            new RequestQuery(now.queryParams()); // a filter there would be left out of what is done
            Plan plan = prepare.apply(now);
            return plan.nothing() != null
                    ? CompletableFuture.completedFuture(plan.nothing())
                    : carryOut(plan, entry(now, action, plan));
        });
    }

    private CompletionStage<AdminAnswer> carryOut(Plan plan, AuditEntry entry) {
        AuditLog.OpenEntry open = log.begin(entry).join();
        Work work = begun(plan);
        CompletableFuture<Void> noted = work.end().thenCompose(end -> open.end(line(end)));
        return work.answer()
                .handle((answer, failure) ->
                        work.end().isDone() ? noted.thenCompose(done -> work.answer()) : work.answer())
                .thenCompose(answered -> answered);
    }

    private static Work begun(Plan plan) {
        try {
            return plan.work().get();
        } catch (RuntimeException e) {
            return Work.of(CompletableFuture.failedFuture(e), DONE);
        }
    }

    private static ActionEnd line(ActionEnd end) {
        return new ActionEnd(LogText.line(end.outcome(), TEXT_MAX), end.count());
    }

    // ---- The entry

    private static AuditEntry entry(RoutingContext ctx, String action, Plan plan) {
        ObjectNode body = body(ctx);
        String reason = LogText.line(body.path("reason").asText(""), TEXT_MAX);
        return AuditEntry.of(
                AdminServer.callerOf(ctx).name(),
                action,
                LogText.line(what(ctx, body), TEXT_MAX),
                filter(ctx, body),
                plan.matched(),
                reason.isBlank() ? null : reason,
                plan.running());
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
        if (path.containsKey("day")) {
            return path.get("name") + " " + path.get("day");
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
}
