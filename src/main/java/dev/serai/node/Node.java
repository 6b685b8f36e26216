package dev.serai.node;

import dev.serai.admin.StatusJson;
import dev.serai.camel.CheckOnly;
import dev.serai.camel.LeanCamelContext;
import dev.serai.camel.StopDeadline;
import dev.serai.camel.egress.Egress;
import dev.serai.camel.http.ByteBudget;
import dev.serai.camel.http.CalledStatus;
import dev.serai.camel.http.FlowServer;
import dev.serai.camel.http.LimitedHttpComponent;
import dev.serai.camel.http.RequestHeaders;
import dev.serai.camel.http.StatusLinks;
import dev.serai.camel.ledger.LedgerComponent;
import dev.serai.ledger.FlowStatus;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.delivery.NodePhase;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.node.mistake.FileShape;
import dev.serai.node.mistake.LoadedFiles;
import dev.serai.node.mistake.RouteMistakes;
import dev.serai.node.route.LoadedFlows;
import dev.serai.node.route.WrittenServers;
import dev.serai.store.crypt.BodyCipher;
import dev.serai.task.LedgerScheduler;
import dev.serai.trace.Tracing;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListener;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.main.SimpleMainShutdownStrategy;
import org.apache.camel.spi.Language;
import org.jspecify.annotations.Nullable;

/**
 * One process: the ledger, Camel with the user's routes, the flows' port and the admin port.
 *
 * <p>Threads: one thread starts and closes it.
 */
public final class Node implements AutoCloseable {
    private static final int LEDGER_THREADS = 4;
    private static final Path DEFAULT_KAMELETS = Path.of("kamelets");
    /** How long what is in progress may take while the node stops; all of it together. */
    private static final Duration DRAIN_MAX = Duration.ofSeconds(25);
    /** How long a collector of traces that hangs may hold up the end. */
    private static final Duration FLUSH_MAX = Duration.ofSeconds(3);

    private final Settings settings;
    private final Main camel = LeanCamelContext.main();
    private final SeraiKamelets kamelets = new SeraiKamelets();
    private final ScheduleComponent schedules;
    private final LedgerComponent ledgerComponent = new LedgerComponent(this::ledgerAt);
    private final LedgerScheduler scheduler = new LedgerScheduler(LEDGER_THREADS, NamedThreads.named("serai-ledger"));
    private final ExecutorService completions = Executors.newFixedThreadPool(
            Math.max(4, 2 * Runtime.getRuntime().availableProcessors()), NamedThreads.named("serai-accepted"));
    private final BodyCipher bodies;
    private final Egress egress;
    private final StopDeadline stopDeadline = new StopDeadline();
    private final FlowsPort flowsPort;
    private final AdminPort adminPort;
    private final String ledgerUrl;
    private final EarlyPart<Ledger> earlyLedger;
    private @Nullable Tracing tracing;
    private volatile boolean ledgerTaken;
    private volatile @Nullable List<FlowStatus> flowsAtStart = List.of();

    public Node(RunOptions options, Settings settings) {
        this(options, settings, RouteFiles.find(options));
    }

    /** @param routeFiles loaded instead of what the options name */
    public Node(RunOptions options, Settings settings, List<Path> routeFiles) {
        settings.refuseUnknown();
        RouteFiles.refuseLarge(routeFiles);
        FileShape.refuse(routeFiles);
        this.settings = settings;
        this.schedules = new ScheduleComponent(settings);
        this.bodies = LedgerMaintenance.bodies(settings);
        this.egress = WrittenServers.egress(settings.get("serai.egress.allow"), settings.asProperties());
        this.flowsPort = new FlowsPort(settings);
        this.adminPort = new AdminPort(settings);
        this.ledgerUrl = settings.get("camel.component.ledger.url");
        this.earlyLedger = new EarlyPart<>("serai-early-ledger", () -> openLedger(ledgerUrl));
        camel.setOverrideProperties(settings.asProperties());
        camel.addOverrideProperty(
                "camel.component.kamelet.location",
                kameletFolders(options).stream()
                                .map(folder -> "file:" + folder + ",")
                                .collect(Collectors.joining()) + "classpath:kamelets");
        camel.configure()
                .withRoutesIncludePattern(
                        routeFiles.stream().map(file -> "file:" + file).collect(Collectors.joining(",")))
                .withSourceLocationEnabled(true)
                .withJmxEnabled(false)
                .withAutoConfigurationLogSummary(false)
                .withShutdownTimeout((int) DRAIN_MAX.toSeconds());
        camel.setShutdownStrategy(new SimpleMainShutdownStrategy());
        camel.bind(Settings.NAME, settings);
        camel.bind(LoadedFiles.NAME, new LoadedFiles(routeFiles));
        camel.bind("ledger", ledgerComponent);
        camel.bind("stopDeadline", stopDeadline);
        camel.bind("byteBudget", ByteBudget.ofProcess());
        camel.bind("kamelet", kamelets);
        camel.bind("quartz", schedules);
        camel.bind("http", new LimitedHttpComponent());
        camel.bind("https", new LimitedHttpComponent());
        camel.bind(Egress.NAME, egress);
        camel.bind("calledStatus", new CalledStatus());
        camel.bind(LoadedFlows.NAME, new LoadedFlows(this::context));
        camel.bind("requestHeaders", new RequestHeaders());
        camel.bind("meters", adminPort.registry());
        camel.bind("bodyMask", settings.mask());
        camel.addMainListener(new RouteSetup(egress, options, settings));
    }

    public static List<Path> kameletFolders(RunOptions options) {
        return options.kamelets().isEmpty() ? List.of(DEFAULT_KAMELETS) : options.kamelets();
    }

    /** Loads the routes and starts none of them. */
    void load(boolean touchesNothing) throws Exception {
        if (touchesNothing) {
            touchNothing(false);
        }
        refuseMistakes();
        makeRoutes();
        RouteSetup.refuse(context(), touchesNothing);
    }

    /** Starts the routes as the listener has changed them, and nothing else: no port, no schedule. */
    void startForTrial(MainListener listener, Language simple) throws Exception {
        touchNothing(true);
        camel.bind("simple", simple);
        camel.addMainListener(listener);
        refuseMistakes();
        startCamel();
    }

    private void touchNothing(boolean isTrial) {
        camel.bind(CheckOnly.NAME, new CheckOnly(isTrial));
        camel.configure().withEndpointLazyStartProducer(true);
    }

    /** Not at a start, which it would make longer; what a failed start comes from is found by a rehearsal. */
    private void refuseMistakes() {
        camel.addMainListener(new MainListenerSupport() {
            @Override
            public void afterConfigure(BaseMainSupport main) {
                RouteMistakes.refuse(main.getCamelContext(), settings.names());
            }
        });
    }

    /** Starts everything; {@link StartFailure} explains what it throws. */
    public void start() throws Exception {
        camel.addMainListener(new MainListenerSupport() {
            @Override
            public void afterConfigure(BaseMainSupport main) {
                RouteMistakes.refuseDurations(main.getCamelContext());
                ledger().clockWatch().whenStepped(new ScheduleReset(main.getCamelContext()));
                StatusLinks links = adminPort.start(main.getCamelContext(), ledger());
                ledgerComponent.linkStatus(links::path);
                flowsPort.prepare(main.getCamelContext(), links, ledger());
                RouteSetup.letReconcile(main.getCamelContext(), ledger());
            }
        });
        adminPort.prepare();
        earlyLedger.begin();
        tracing = TraceSettings.open(settings);
        if (tracing != null) {
            camel.bind("tracing", tracing);
        }
        makeRoutes();
        RouteSetup.refuse(context(), true);
        LedgerPlace.refuseUnshared(settings, ledgerUrl);
        flowsAtStart = ledger().unread().isEmpty() ? ledger().flows() : null;
        flowsPort.open(this::startRoutes);
        ledger().enter(NodePhase.RUNNING);
    }

    /** Makes all routes and starts none of them, so that a bad one is refused before a port is open or anything is pulled. */
    private void makeRoutes() throws Exception {
        camel.configure().withAutoStartup(false);
        // Schedules would start although their routes do not.
        schedules.setAutoStartScheduler(false);
        startCamel();
    }

    private void startRoutes() throws Exception {
        context().setAutoStartup(true);
        context().getRouteController().startAllRoutes();
        schedules.setAutoStartScheduler(true);
        if (context().hasComponent("quartz") != null) {
            schedules.getScheduler().start();
        }
    }

    private void startCamel() throws Exception {
        egress.loading(true);
        try {
            camel.start();
        } finally {
            egress.loading(false);
        }
    }

    public CamelContext context() {
        return camel.getCamelContext();
    }

    /** The flows' server of a started node. */
    public FlowServer flowServer() {
        return flowsPort.server();
    }

    /** The component behind every {@code kamelet:} URI of this node. */
    public SeraiKamelets kamelets() {
        return kamelets;
    }

    public Ledger ledger() {
        return ledgerComponent.ledger();
    }

    /** The flows before the node accepted anything; null if not all shards could be read. */
    public @Nullable List<FlowStatus> flowsAtStart() {
        return flowsAtStart;
    }

    /** The flows when the ledger of a node that was started was closed; null if they could not all be read. */
    public @Nullable List<FlowStatus> flowsAtEnd() {
        return ledgerComponent.flowsAtEnd();
    }

    /** What {@code GET /api/status} answers. */
    public StatusJson status() {
        return adminPort.status();
    }

    public String flowsUrl() {
        return flowsPort.url();
    }

    public String adminUrl() {
        return adminPort.url();
    }

    /** Refuses new changes, finishes what is in progress within {@link #DRAIN_MAX}, and closes the ledger. */
    @Override
    public void close() {
        stopDeadline.begin(DRAIN_MAX);
        ledgerComponent.stopping();
        adminPort.endStreams();
        flowsPort.drain();
        camel.stop();
        // Camel does not stop components that failed to start.
        ledgerComponent.shutdown();
        closeUnusedLedger();
        if (tracing != null) {
            tracing.close(stopDeadline.limit(FLUSH_MAX));
        }
        adminPort.close();
        scheduler.shutdownNow();
        completions.shutdownNow();
    }

    /** What the component asks for, which is what was begun unless the routes' own configuration names another one. */
    private Ledger ledgerAt(String url) {
        if (url.equals(ledgerUrl)) {
            ledgerTaken = true;
            return earlyLedger.get();
        }
        return openLedger(url);
    }

    /** One that was opened early by a start that failed before it needed it. */
    private void closeUnusedLedger() {
        Ledger unused = ledgerTaken ? null : earlyLedger.end();
        if (unused != null) {
            unused.close();
        }
    }

    private Ledger openLedger(String url) {
        LedgerSettings limits = LedgerMaintenance.settings(settings, scheduler, completions, adminPort::measure);
        Ledger ledger = LedgerPlace.open(settings, url, bodies, limits);
        ledger.enter(NodePhase.STARTING);
        scheduler.whenFailed(ledger::fail);
        return ledger;
    }
}
