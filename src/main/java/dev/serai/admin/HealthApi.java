package dev.serai.admin;

import dev.serai.admin.StatusJson.LedgerJson;
import dev.serai.admin.StatusJson.ReconciliationJson;
import dev.serai.admin.StatusJson.SourceJson;
import dev.serai.camel.SourceState;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.delivery.NodePhase;
import dev.serai.text.LogText;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckHelper;
import org.apache.camel.util.URISupport;
import org.jspecify.annotations.Nullable;

/**
 * Whether the process lives and whether it can do its work.
 *
 * <p>Anyone may ask, so messages are one short line, with passwords in URIs masked.
 */
final class HealthApi {
    /** Exactly as sent: a path that has to be normalised first is not open. */
    static final Set<String> PATHS = Set.of("/observe/health", "/observe/health/live", "/observe/health/ready");

    private static final int MESSAGE_MAX = 500;
    /** How the ids of Camel's checks of the routes' inputs begin. */
    private static final String CONSUMER = "consumer:";

    private static final String UP = "UP";
    private static final String DOWN = "DOWN";

    private final CamelContext camel;
    private final Ledger ledger;
    private final StatusApi status;
    private final AdminReplies replies;

    HealthApi(CamelContext camel, Ledger ledger, StatusApi status, AdminReplies replies) {
        this.camel = camel;
        this.ledger = ledger;
        this.status = status;
        this.replies = replies;
    }

    void mount(Router router) {
        ask(router, "/observe/health/live", ctx -> replies.blocking(ctx, this::live));
        ask(router, "/observe/health/ready", ctx -> replies.blocking(ctx, this::ready));
        ask(router, "/observe/health", ctx -> replies.blocking(ctx, this::ready));
    }

    private static void ask(Router router, String path, Handler<RoutingContext> handler) {
        router.route(path).method(HttpMethod.GET).method(HttpMethod.HEAD).handler(handler);
    }

    /** Down only when nothing but a restart helps: the ledger's writer has ended. */
    private AdminAnswer live(RoutingContext ctx) {
        @Nullable String end = ledger.writerEnd().getNow(null);
        return end == null
                ? AdminAnswer.ok(new ApiJson.Health(UP, List.of()))
                : new AdminAnswer(503, new ApiJson.Health(DOWN, List.of(check("ledger", false, end))));
    }

    private AdminAnswer ready(RoutingContext ctx) {
        List<ApiJson.Check> checks = new ArrayList<>();
        boolean started = camel.getStatus().isStarted();
        checks.add(check("camel", started, started ? null : "Camel is " + camel.getStatus()));
        NodePhase phase = ledger.phase();
        boolean running = phase == NodePhase.RUNNING;
        checks.add(check("node", running, running ? null : "the node is " + phase.word()));
        if (HealthCheckHelper.getHealthCheckRegistry(camel) != null) {
            HealthCheckHelper.invokeReadiness(camel).forEach(result -> checks.add(check(result)));
        }
        addStatus(checks, status.ofNode());
        boolean up = checks.stream().allMatch(c -> c.status().equals(UP));
        return new AdminAnswer(up ? 200 : 503, new ApiJson.Health(up ? UP : DOWN, checks));
    }

    /** What the status says; only a ledger that cannot be written is a reason to keep traffic away. */
    private static void addStatus(List<ApiJson.Check> checks, StatusJson now) {
        now.sources().forEach(source -> checks.add(check(source)));
        LedgerJson ledger = now.ledger();
        checks.add(check("ledger", ledger.writable(), ledger.trouble()));
        if (ledger.clock() != null) {
            checks.add(check("clock", true, ledger.clock()));
        }
        int refused = now.routes().refused().size();
        if (refused > 0) {
            String files = refused == 1 ? "1 file is" : refused + " files are";
            checks.add(check("routes", true, files + " not loaded; ./serai status has the reason"));
        }
        for (ReconciliationJson one : now.reconciliations()) {
            String text = one.isOk() ? null : one.state() + "; ./serai status has the reason";
            checks.add(check("reconcile:" + one.name(), true, text));
        }
        if (ledger.damage() != null) {
            checks.add(check("damage", true, ledger.damage()));
        }
        if (now.tokens().trouble() != null) {
            checks.add(check("tokens", true, "not all named tokens are accepted; ./serai status has the reason"));
        }
        for (StatusJson.TlsJson tls : now.tls()) {
            if (tls.trouble() != null) {
                checks.add(check("tls:" + tls.port(), true, tls.trouble()));
            }
        }
    }

    /**
     * A source in trouble is no reason to keep traffic away. The reason is left out: health needs no token, and it may quote the
     * source's answer.
     */
    private static ApiJson.Check check(SourceJson source) {
        String since = source.since() == null ? "" : " since " + source.since();
        String message = source.name() + " is " + source.state()
                + (source.state().equals(SourceState.OK.word())
                        ? ""
                        : since + (source.reason() == null ? "" : "; ./serai status has the reason"));
        return check("source:" + source.name(), true, message);
    }

    private static ApiJson.Check check(HealthCheck.Result result) {
        String id = result.getCheck().getId();
        // A route that has not run yet reports UNKNOWN, which does not make the node unready, nor does a source that
        // cannot
        // be read, such as a Kafka that is down: other flows go on.
        boolean up = result.getState() != HealthCheck.State.DOWN || id.startsWith(CONSUMER);
        return check(id, up, result.getMessage().orElse(null));
    }

    private static ApiJson.Check check(String name, boolean up, @Nullable String message) {
        return new ApiJson.Check(
                name,
                up ? UP : DOWN,
                message == null ? null : LogText.line(URISupport.sanitizeUri(message), MESSAGE_MAX));
    }
}
