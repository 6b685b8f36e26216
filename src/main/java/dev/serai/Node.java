package dev.serai;

import dev.serai.camel.LedgerComponent;
import dev.serai.ledger.DeliveryListener;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.Limits;
import dev.serai.ledger.Retention;
import dev.serai.store.JdbcStore;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.main.Main;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.errorhandler.DefaultErrorHandlerDefinition;
import org.jspecify.annotations.Nullable;

/**
 * One process: the ledger and Camel with the user's routes.
 *
 * <p>Threads: started and closed by one thread.
 */
final class Node implements AutoCloseable {
    private static final int SHUTDOWN_SECONDS = 30;
    private static final int READERS = 4;

    private final Settings settings;
    private final List<Path> routeFiles;
    private final DeliveryListener listener;
    private final Main camel = new Main();
    private final LedgerComponent ledgerComponent = new LedgerComponent(this::openLedger);
    private final ScheduledThreadPoolExecutor scheduler;
    private final ExecutorService completions;

    /** @param listener hears of every outcome of a delivery */
    Node(RunOptions options, Settings settings, DeliveryListener listener) {
        this.settings = settings;
        this.routeFiles = RouteFiles.find(options.routes());
        this.listener = listener;
        this.scheduler = new ScheduledThreadPoolExecutor(READERS, Threads.named("serai-ledger"));
        this.scheduler.setRemoveOnCancelPolicy(true);
        this.completions = Executors.newFixedThreadPool(
                Math.max(4, 2 * Runtime.getRuntime().availableProcessors()), Threads.named("serai-accepted"));
        configure(options);
    }

    private void configure(RunOptions options) {
        camel.setOverrideProperties(settings.asProperties());
        camel.addOverrideProperty(
                "camel.component.kamelet.location", "file:" + options.kamelets() + ",classpath:kamelets");
        camel.addOverrideProperty("camel.health.routesEnabled", "true");
        camel.addOverrideProperty("camel.health.consumersEnabled", "true");
        camel.configure()
                .withRoutesIncludePattern(
                        routeFiles.stream().map(file -> "file:" + file).collect(Collectors.joining(",")))
                .withSourceLocationEnabled(true)
                .withJmxEnabled(false)
                .withAutoConfigurationLogSummary(false)
                .withShutdownTimeout(SHUTDOWN_SECONDS)
                .withName("serai");
        camel.bind("ledger", ledgerComponent);
    }

    /** Loads the routes without starting any of them. */
    void load() throws Exception {
        camel.configure().withAutoStartup(false);
        start();
    }

    /** Starts everything; throws what {@link StartFailure} explains. */
    void start() throws Exception {
        camel.init();
        // Retrying and reporting is the ledger's; Camel would log every failed attempt with its stack trace.
        DefaultErrorHandlerDefinition silent = new DefaultErrorHandlerDefinition();
        silent.setLevel("OFF");
        context().getCamelContextExtension().setErrorHandlerFactory(silent);
        camel.start();
        refuseEmptyFiles();
    }

    CamelContext context() {
        return camel.getCamelContext();
    }

    Ledger ledger() {
        return ledgerComponent.ledger();
    }

    @Override
    public void close() {
        camel.stop();
        scheduler.shutdownNow();
        completions.shutdownNow();
    }

    private void refuseEmptyFiles() {
        Model model = context().getCamelContextExtension().getContextPlugin(Model.class);
        for (Path file : routeFiles) {
            boolean used = false;
            for (RouteDefinition route : model.getRouteDefinitions()) {
                used |= route.getResource() != null
                        && route.getResource().getLocation().equals("file:" + file);
            }
            if (!used) {
                throw new ConfigurationException(file + ": contains no route");
            }
        }
    }

    private Ledger openLedger(String url, @Nullable String username, @Nullable String password) {
        Ledger.Settings ledgerSettings = new Ledger.Settings(
                Limits.DEFAULT,
                new Retention(settings.duration("serai.retention.settled"), settings.duration("serai.retention.dead")),
                Clock.systemUTC(),
                new Random(),
                scheduler,
                completions,
                listener);
        return new Ledger(JdbcStore.open(url), ledgerSettings);
    }
}
