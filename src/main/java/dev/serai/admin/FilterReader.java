package dev.serai.admin;

import dev.serai.ledger.Ledger;
import dev.serai.ledger.cause.Cause;
import dev.serai.ledger.model.DeliveryFilter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the filters of requests about deliveries, and refuses names that do not exist. */
final class FilterReader {
    private static final String[] IN_BODY = {
        "flow", "target", "keys", "sequences", "error", "cause", "status", "since", "until", "all", "dryRun"
    };
    private static final int STATUS_MIN = 100;
    private static final int STATUS_MAX = 599;

    private final KnownNames names;

    FilterReader(Ledger ledger) {
        this.names = new KnownNames(ledger);
    }

    KnownNames names() {
        return names;
    }

    /** @param text the name of the parameter that the error must contain */
    DeliveryFilter ofQuery(RequestQuery query, String text) {
        @Nullable String status = query.text("status");
        return checked(new DeliveryFilter(
                query.text("flow"),
                query.text("target"),
                query.texts("key"),
                query.numbers("sequence"),
                query.text(text),
                cause(query.text("cause")),
                status == null ? null : (int) RequestQuery.number("status", status, STATUS_MIN, STATUS_MAX),
                query.time("since"),
                query.time("until")));
    }

    /** A request that does something to all that matches. */
    record Order(DeliveryFilter filter, RequestBody body, boolean dryRun) {}

    /** @param more fields that the body may have besides the filter */
    Order ofBody(byte[] bytes, String... more) {
        List<String> known = new ArrayList<>(List.of(IN_BODY));
        known.addAll(List.of(more));
        RequestBody body = RequestBody.read(bytes, known.toArray(String[]::new));
        double status = body.number("status", 0);
        if (status != 0 && (status < STATUS_MIN || status > STATUS_MAX || status != Math.rint(status))) {
            throw AdminProblem.badRequest("status must be a whole number from " + STATUS_MIN + " to " + STATUS_MAX);
        }
        DeliveryFilter filter = new DeliveryFilter(
                body.text("flow"),
                body.text("target"),
                body.texts("keys"),
                body.numbers("sequences"),
                body.text("error"),
                cause(body.text("cause")),
                status == 0 ? null : (int) status,
                body.time("since"),
                body.time("until"));
        if (filter.equals(DeliveryFilter.ALL) && !body.flag("all")) {
            throw new AdminProblem(
                    422,
                    "no filter is given: name flow, target, keys, sequences, error, cause, status, since or until, or send"
                            + " \"all\":true");
        }
        return new Order(checked(filter), body, body.flag("dryRun"));
    }

    private static @Nullable Long cause(@Nullable String given) {
        return given == null || given.isBlank() ? null : Cause.hashOf(given);
    }

    private DeliveryFilter checked(DeliveryFilter filter) {
        names.requireTarget(filter.flow(), filter.target());
        return filter;
    }
}
