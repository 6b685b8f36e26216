package dev.serai.admin;

import dev.serai.camel.SourceRegistry;
import dev.serai.camel.SourceReport;
import dev.serai.camel.SourceState;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.delivery.CircuitState;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.apache.camel.CamelContext;

/** The part of the admin API that says what is in trouble, the worst first. */
final class StatusApi {
    private final SourceRegistry sources;
    private final Ledger ledger;
    private final Clock clock;
    private final AdminReplies replies;

    StatusApi(CamelContext camel, Ledger ledger, Clock clock, AdminReplies replies) {
        this.sources = SourceRegistry.of(camel);
        this.ledger = ledger;
        this.clock = clock;
        this.replies = replies;
    }

    void mount(Router router) {
        router.get("/api/status").handler(ctx -> replies.blocking(ctx, this::status));
    }

    private AdminAnswer status(RoutingContext ctx) {
        new RequestQuery(ctx.queryParams());
        Instant now = clock.instant();
        List<SourceReport> reports = sources.reports();
        boolean ok = reports.stream().allMatch(source -> source.state() == SourceState.OK) && isLedgerOk();
        return AdminAnswer.ok(new StatusJson(
                ok,
                reports.stream().map(source -> StatusJson.source(source, now)).toList()));
    }

    private boolean isLedgerOk() {
        boolean allUp = ledger.flows().stream()
                .flatMap(flow -> flow.targets().stream())
                .allMatch(target -> target.circuit() == CircuitState.CLOSED);
        return allUp && ledger.trouble().isEmpty() && ledger.damage().count() == 0;
    }
}
