package dev.serai.admin;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.access.NamedToken;
import dev.serai.access.NamedTokens.TokenChanges;
import dev.serai.admin.event.EventContent.LogEvent;
import dev.serai.ledger.AuditLog;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.audit.AuditQuery;
import dev.serai.text.ExactJson;
import io.netty.handler.codec.http.QueryStringEncoder;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The part of the admin API that shows who did what, and notes the named tokens that come and go.
 *
 * <p>Threads: safe.
 */
final class AuditApi {
    private static final int LIMIT_DEFAULT = 100;
    private static final int AFTER_PAGE = 20;

    private final Ledger ledger;
    private final AuditLog log;
    private final AdminReplies replies;

    AuditApi(Ledger ledger, AdminReplies replies) {
        this.ledger = ledger;
        this.log = ledger.actions().log();
        this.replies = replies;
    }

    void mount(Router router) {
        router.get("/api/log").handler(ctx -> replies.reading(ctx, this::list));
    }

    /** Notes tokens that came and went; they are made by commands that no node answers. Of several nodes that see it, one notes it. */
    void tokens(TokenChanges changes) {
        if (!ledger.isFirstOwn()) {
            return;
        }
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
                found.addFirst(event(entry));
                before = entry.id();
            }
            if (page.size() < AFTER_PAGE) {
                break;
            }
        }
        return List.copyOf(found);
    }

    /** The entry with this id, if it is kept; may block. */
    Optional<LogEvent> find(long id) {
        return log.find(id).map(this::event);
    }

    private LogEvent event(AuditEntry entry) {
        return new LogEvent(entry.id(), replies.write(json(entry)), entry.isRunning());
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
