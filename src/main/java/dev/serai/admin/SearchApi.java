package dev.serai.admin;

import dev.serai.ledger.DeliverySearch;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.ChangeQuery;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Entry;
import io.netty.handler.codec.http.QueryStringEncoder;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The part of the admin API that finds changes, deliveries that have not ended well, why they have not, and replays. */
final class SearchApi {
    private static final int CHANGES_DEFAULT = 50;
    private static final int DEAD_DEFAULT = 100;
    private static final String AFTER = "after";

    private final Ledger ledger;
    private final AdminReplies replies;
    private final FilterReader filters;

    SearchApi(Ledger ledger, AdminReplies replies) {
        this.ledger = ledger;
        this.replies = replies;
        this.filters = new FilterReader(ledger);
    }

    void mount(Router router) {
        router.get("/api/changes").handler(ctx -> replies.reading(ctx, this::changes));
        router.get("/api/dead").handler(ctx -> replies.reading(ctx, this::dead));
        router.get("/api/causes").handler(ctx -> replies.reading(ctx, this::causes));
        router.get("/api/replays").handler(ctx -> replies.reading(ctx, this::replays));
    }

    private AdminAnswer changes(RoutingContext ctx) {
        RequestQuery query = new RequestQuery(
                ctx.queryParams(),
                "flow",
                "target",
                "state",
                "key",
                "id",
                "sequence",
                "text",
                "status",
                "cause",
                "since",
                "until",
                AFTER,
                "limit");
        int limit = (int) query.number("limit", CHANGES_DEFAULT, 1, AdminApi.LIMIT_MAX);
        List<String> words = query.texts("state");
        Set<DeliveryState> states = words.isEmpty() ? DeliverySearch.STATES : StateWord.states(words);
        boolean ofDeliveries = Stream.of(
                        "target", "state", "sequence", "text", "status", "cause", "since", "until", AFTER)
                .anyMatch(name -> !query.texts(name).isEmpty());
        if (query.text("id") != null
                && Stream.of("sequence", "text", "status", "cause", "since", "until", AFTER)
                        .anyMatch(name -> !query.texts(name).isEmpty())) {
            throw AdminProblem.badRequest("id is combined with flow, key, target, state and limit only");
        }
        if (query.text("id") != null || !ofDeliveries) {
            return byName(query, words.isEmpty() ? EnumSet.allOf(DeliveryState.class) : states, limit);
        }
        DeliveryFilter filter = filters.ofQuery(query, "text");
        if (filter.keys().isEmpty() && filter.sequences().isEmpty() && !DeliverySearch.STATES.containsAll(states)) {
            throw AdminProblem.badRequest(
                    "what has ended is found by key, sequence or id: add one, or ask for pending, delivering, retrying,"
                            + " blocked or dead");
        }
        DeliverySearch.FoundPage page =
                ledger.search().find(filter, states, query.number(AFTER, 0, 0, Long.MAX_VALUE), limit);
        return answer(ctx, page.found().stream().map(DeliveryJson::change).toList(), page);
    }

    /** Newest first, with all deliveries or those in some states. */
    private AdminAnswer byName(RequestQuery query, Set<DeliveryState> states, int limit) {
        @Nullable String flow = query.text("flow");
        @Nullable String target = query.text("target");
        filters.names().requireFlow(flow);
        filters.names().requireTarget(flow, target);
        boolean all = target == null && states.size() == DeliveryState.values().length;
        return AdminAnswer.ok(ledger.changes(new ChangeQuery(flow, query.text("key"), query.text("id"), limit)).stream()
                .map(entry -> Map.entry(entry, deliveries(entry, target, states)))
                .filter(found -> all || !found.getValue().isEmpty())
                .map(found -> ApiJson.change(found.getKey(), found.getValue()))
                .toList());
    }

    private List<Delivery> deliveries(Entry entry, @Nullable String target, Set<DeliveryState> states) {
        return ledger.deliveries(entry).stream()
                .filter(delivery -> target == null || delivery.target().target().equals(target))
                .filter(delivery -> states.contains(delivery.state()))
                .toList();
    }

    private AdminAnswer dead(RoutingContext ctx) {
        RequestQuery query = new RequestQuery(
                ctx.queryParams(),
                "flow",
                "target",
                "key",
                "sequence",
                "error",
                "cause",
                "status",
                "since",
                "until",
                AFTER,
                "limit");
        DeliveryFilter filter = filters.ofQuery(query, "error");
        long after = query.number(AFTER, 0, 0, Long.MAX_VALUE);
        int limit = (int) query.number("limit", DEAD_DEFAULT, 1, AdminApi.LIMIT_MAX);
        DeliverySearch.FoundPage page = ledger.search().find(filter, EnumSet.of(DeliveryState.DEAD), after, limit);
        return answer(ctx, page.found().stream().map(DeliveryJson::dead).toList(), page);
    }

    private static AdminAnswer answer(RoutingContext ctx, List<?> list, DeliverySearch.FoundPage page) {
        Long next = page.next();
        if (next == null) {
            return AdminAnswer.ok(list);
        }
        QueryStringEncoder address = new QueryStringEncoder(ctx.request().path());
        for (Map.Entry<String, String> parameter : ctx.queryParams()) {
            if (!parameter.getKey().equals(AFTER)) {
                address.addParam(parameter.getKey(), parameter.getValue());
            }
        }
        address.addParam(AFTER, next.toString());
        return new AdminAnswer(200, list, address.toString());
    }

    private AdminAnswer causes(RoutingContext ctx) {
        RequestQuery query = new RequestQuery(ctx.queryParams(), "flow", "target");
        filters.names().requireTarget(query.text("flow"), query.text("target"));
        return AdminAnswer.ok(ledger.search().causes(query.text("flow"), query.text("target")).stream()
                .limit(AdminApi.LIMIT_MAX)
                .map(DeliveryJson::cause)
                .toList());
    }

    private AdminAnswer replays(RoutingContext ctx) {
        new RequestQuery(ctx.queryParams());
        return AdminAnswer.ok(replays());
    }

    /** The newest replays; may block. */
    List<?> replays() {
        return ledger.actions().replays().stream().map(DeliveryJson::replay).toList();
    }
}
