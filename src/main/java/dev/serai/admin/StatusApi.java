package dev.serai.admin;

import dev.serai.access.NamedTokens;
import dev.serai.admin.StatusJson.BillsJson;
import dev.serai.admin.StatusJson.FlowCountJson;
import dev.serai.admin.StatusJson.LedgerJson;
import dev.serai.admin.StatusJson.ReconciliationJson;
import dev.serai.admin.StatusJson.TargetStateJson;
import dev.serai.admin.StatusJson.TlsJson;
import dev.serai.admin.StatusJson.TokensJson;
import dev.serai.admin.StatusJson.UnreadJson;
import dev.serai.admin.event.EventContent;
import dev.serai.admin.meter.AllSources;
import dev.serai.admin.meter.BackgroundLooks;
import dev.serai.admin.meter.LedgerGrowth;
import dev.serai.camel.FlowRoutes;
import dev.serai.camel.FlowRoutes.FlowUse;
import dev.serai.camel.FlowRoutes.TargetGuarantee;
import dev.serai.camel.FlowRoutes.UsedRoute;
import dev.serai.camel.RouteFileStatus;
import dev.serai.camel.RouteFileStatus.RefusedFile;
import dev.serai.camel.SourceRegistry;
import dev.serai.camel.SourceRegistry.SourceName;
import dev.serai.camel.SourceReport;
import dev.serai.camel.SourceState;
import dev.serai.camel.SourceSum;
import dev.serai.camel.TargetWaits;
import dev.serai.ledger.DeliveryActions;
import dev.serai.ledger.FlowStatus;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.chain.TargetRecorder.Drift;
import dev.serai.ledger.cluster.NodeNews;
import dev.serai.ledger.cluster.UnreadShards;
import dev.serai.ledger.delivery.NodePhase;
import dev.serai.ledger.delivery.TargetState;
import dev.serai.ledger.delivery.TargetStatus;
import dev.serai.ledger.model.Store.Damage;
import dev.serai.ledger.model.Store.Space;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.time.ClockStep;
import dev.serai.reconcile.desk.ReconcileDesk;
import dev.serai.reconcile.desk.ReconcileDesk.DeskOverview;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/** The part of the admin API that says what is in trouble, the worst first. */
final class StatusApi {
    private static final Comparator<TargetStateJson> WORST_FIRST = Comparator.<TargetStateJson, TargetState>comparing(
                    target -> TargetState.of(target.state()))
            .thenComparing(TargetStateJson::oldestSeconds, Comparator.reverseOrder())
            .thenComparing(TargetStateJson::flow)
            .thenComparing(TargetStateJson::target);

    private final CamelContext camel;
    private final SourceRegistry sources;
    private final AllSources allSources;
    private final TargetWaits waits;
    private final Ledger ledger;
    private final NamedTokens tokens;
    private final Clock clock;
    private final AdminReplies replies;
    private final LedgerGrowth growth = new LedgerGrowth(() -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));

    StatusApi(CamelContext camel, Ledger ledger, NamedTokens tokens, Clock clock, AdminReplies replies) {
        this.camel = camel;
        this.sources = SourceRegistry.of(camel);
        this.allSources = new AllSources(camel, ledger);
        this.waits = TargetWaits.of(camel);
        this.ledger = ledger;
        this.tokens = tokens;
        this.clock = clock;
        this.replies = replies;
        ledger.talk().tell(this::news);
    }

    void mount(Router router) {
        router.get("/api/status").handler(ctx -> replies.blocking(ctx, this::status));
        router.get("/api/flows/:flow").handler(ctx -> replies.reading(ctx, this::flow));
    }

    /** Looks at the ledger's size once a minute, so that its growth is known when somebody asks. */
    void watchGrowth(BackgroundLooks looks) {
        looks.begin("The look at the size of the ledger", 0, LedgerGrowth.STEP_MILLIS, () -> ledgerNow(ledger.mark()));
    }

    private AdminAnswer status(RoutingContext ctx) {
        new RequestQuery(ctx.queryParams());
        return AdminAnswer.ok(status());
    }

    /** What open pages are told as it happens. */
    EventContent events(SearchApi search, AuditApi audit) {
        DeliveryActions actions = ledger.actions();
        return new EventContent(
                () -> replies.write(status()),
                () -> replies.write(search.replays()),
                actions::newestReplay,
                actions::replaysRun,
                actions.log()::written,
                audit::newest,
                audit::after,
                audit::find,
                actions.log()::running);
    }

    private AdminAnswer flow(RoutingContext ctx) {
        new RequestQuery(ctx.queryParams());
        FlowStatus flow = new KnownNames(ledger).flow(ctx.pathParam("flow"));
        @Nullable FlowRoutes routes = camel.getRegistry().findSingleByType(FlowRoutes.class);
        FlowUse use = routes == null ? FlowUse.NONE : routes.of(flow.flow());
        Set<String> ids = use.routes().stream()
                .filter(route -> route.target() == null)
                .map(UsedRoute::id)
                .collect(Collectors.toSet());
        Set<String> names = sources.names().stream()
                .filter(source -> ids.contains(source.route()))
                .map(SourceName::name)
                .collect(Collectors.toSet());
        List<String> from = allSources.reports().stream()
                .filter(source -> source.flows().contains(flow.flow())
                        || ids.contains(source.name())
                        || names.contains(source.name()))
                .map(SourceReport::name)
                .toList();
        return AdminAnswer.ok(WholeFlow.of(ApiJson.flow(flow, clock.instant()), from, use));
    }

    /**
     * @param sources the names of those that write to it
     * @param check what {@code serai check} prints about it
     */
    record WholeFlow(
            String flow,
            long accepted,
            long duplicates,
            List<String> sources,
            List<UsedRoute> routes,
            List<ApiJson.TargetJson> targets,
            List<TargetGuarantee> guarantees,
            List<String> check) {
        static WholeFlow of(ApiJson.FlowJson flow, List<String> sources, FlowUse use) {
            return new WholeFlow(
                    flow.flow(),
                    flow.accepted(),
                    flow.duplicates(),
                    sources,
                    use.routes(),
                    flow.targets(),
                    use.guarantees(),
                    use.table());
        }
    }

    /** What the other nodes are told. */
    private NodeNews news() {
        @Nullable FlowRoutes routes = camel.getRegistry().findSingleByType(FlowRoutes.class);
        boolean runs = ledger.phase() == NodePhase.RUNNING;
        return new NodeNews(
                routes == null || !runs ? Map.of() : routes.digests(),
                runs ? SourceSum.json(sources.reports()) : "",
                waits.all());
    }

    /** Why what waits for a target is not taken, as this node or another knows it; null if none does. */
    private @Nullable String wait(TargetName target) {
        @Nullable String own = waits.of(target);
        return own != null ? own : ledger.talk().waitReason(target);
    }

    /** The state of everything; may block. */
    StatusJson status() {
        long mark = ledger.mark();
        return status(ledger.flows(), mark);
    }

    /** The same without flows and targets, so that it can be told although they cannot be read. */
    StatusJson ofNode() {
        return status(List.of(), ledger.mark());
    }

    /** @param mark before the flows were read */
    private StatusJson status(List<FlowStatus> flows, long mark) {
        Instant now = clock.instant();
        List<SourceReport> reports = allSources.reports();
        List<TargetStateJson> targets = new ArrayList<>();
        @Nullable ReconcileDesk desk = camel.getRegistry().findSingleByType(ReconcileDesk.class);
        @Nullable DeskOverview compared = desk == null ? null : desk.overview();
        Map<TargetName, Instant> verified = compared == null ? Map.of() : compared.verifiedThrough();
        for (FlowStatus flow : flows) {
            for (TargetStatus target : flow.targets()) {
                TargetName name = new TargetName(flow.flow(), target.target());
                @Nullable Drift drift = ledger.history().chains().drift(name).orElse(null);
                targets.add(StatusJson.target(flow.flow(), target, drift, wait(name), now)
                        .verified(verified.get(name)));
            }
        }
        targets.sort(WORST_FIRST);
        LedgerJson ledgerNow = ledgerNow(mark);
        List<TlsJson> tls = TlsJson.of(camel);
        List<ReconciliationJson> reconciliations = compared == null
                ? List.of()
                : compared.states().stream().map(ReconciliationJson::of).toList();
        List<RefusedFile> refused = RouteFileStatus.of(camel).refused();
        List<BillsJson> bills = desk == null || compared == null
                ? List.of()
                : desk.bills().stream()
                        .map(name -> new BillsJson(name, compared.billTroubles().get(name)))
                        .toList();
        @Nullable String tokenTrouble = tokens.trouble().orElse(null);
        @Nullable FlowRoutes routes = camel.getRegistry().findSingleByType(FlowRoutes.class);
        Set<String> undigested =
                routes == null ? Set.of() : routes.withoutDigests().keySet();
        NodePhase phase = ledger.phase();
        boolean ok = phase == NodePhase.RUNNING
                && refused.isEmpty()
                && reconciliations.stream().allMatch(ReconciliationJson::isOk)
                && tokenTrouble == null
                && reports.stream().allMatch(source -> source.state() == SourceState.OK)
                && targets.stream().allMatch(target -> target.state().equals(TargetState.OK.word()))
                && ledgerNow.writable()
                && ledgerNow.trouble() == null
                && ledgerNow.damage() == null
                && bills.stream().allMatch(bill -> bill.trouble() == null)
                && tls.stream().allMatch(port -> port.trouble() == null);
        return new StatusJson(
                ok,
                phase.word(),
                reports.stream().map(source -> StatusJson.source(source, now)).toList(),
                targets,
                flows.stream()
                        .map(flow -> new FlowCountJson(
                                flow.flow(), flow.accepted(), flow.duplicates(), !undigested.contains(flow.flow())))
                        .toList(),
                ledgerNow,
                StatusJson.routes(RouteFileStatus.loaded(camel), refused),
                reconciliations,
                tls,
                new TokensJson(tokenTrouble),
                bills);
    }

    private LedgerJson ledgerNow(long mark) {
        boolean isWritable = ledger.isWritable(); // it looks at each database
        List<UnreadShards> unread = ledger.leftOutSince(mark);
        Optional<String> missing = unread.isEmpty() ? Optional.empty() : Optional.of(UnreadShards.line(unread));
        @Nullable Space space = ledger.space().orElse(null);
        @Nullable String trouble = (isWritable ? missing : ledger.trouble().or(() -> missing))
                .or(ledger::clusterTrouble)
                .orElse(null);
        Damage damage = ledger.damage();
        return new LedgerJson(
                isWritable,
                trouble,
                space == null ? null : space.bytes(),
                space == null || space.freeBytes() < 0 ? null : space.freeBytes(),
                space == null ? null : growth.fullInSeconds(space),
                damage.count() == 0 ? null : damage.toString(),
                ledger.clockWatch().recentStep().map(ClockStep::toString).orElse(null),
                unread.stream().map(UnreadJson::of).toList());
    }
}
