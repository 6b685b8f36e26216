package dev.serai.support;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.camel.LeanCamelContext;
import dev.serai.camel.http.FlowServer;
import dev.serai.camel.http.FlowServerSettings;
import dev.serai.camel.http.LimitedHttpComponent;
import dev.serai.camel.ledger.LedgerComponent;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.MemoryCluster;
import dev.serai.ledger.MemoryStore;
import dev.serai.ledger.model.ChangeQuery;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.Limits;
import dev.serai.ledger.model.Retention;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.time.LedgerClock;
import dev.serai.ledger.time.TimeSource;
import dev.serai.node.ScheduleThreads;
import dev.serai.node.SeraiKamelets;
import dev.serai.node.route.PartIds;
import dev.serai.node.route.RouteModel;
import dev.serai.node.route.SentMarks;
import dev.serai.store.JdbcStore;
import dev.serai.text.ExactJson;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.camel.Exchange;
import org.apache.camel.component.quartz.QuartzComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;

/** Camel with Serai's Kamelets and a ledger over a real store, and if wanted the server of the flows with a client for it. */
public final class KameletRunner implements AutoCloseable {
    private static final int ACCEPTED_MAX = 1_000_000;

    public final DefaultCamelContext context = new LeanCamelContext(true);
    private final ScheduledExecutorService scheduler = Executors.newScheduledThreadPool(2);
    private final ExecutorService completions = Executors.newFixedThreadPool(2);
    private final LedgerComponent component;
    private FlowServer server;
    private HttpClient client;

    public KameletRunner(Path data) {
        this(() -> data);
    }

    /** @param data asked for when the ledger is opened, so that a field can be set up before JUnit makes its folder */
    public KameletRunner(Supplier<Path> data) {
        this(settings -> new Ledger(List.of(JdbcStore.open(data.get().resolve("ledger.db"))), settings));
    }

    private KameletRunner(Function<LedgerSettings, Ledger> opener) {
        component = new LedgerComponent(url -> opener.apply(settings()));
        context.addComponent("ledger", component);
        SeraiKamelets kamelets = new SeraiKamelets();
        kamelets.setLocation("file:kamelets");
        context.getRegistry().bind("kamelet", kamelets);
        context.addComponent("http", new LimitedHttpComponent());
        QuartzComponent schedules = new QuartzComponent();
        schedules.setProperties(schedulerOfANode());
        context.addComponent("quartz", schedules);
        context.getRegistry().bind("exactJson", ExactJson.routeMapper());
        RouteModel.model(context).addModelLifecycleStrategy(new PartIds());
        RouteModel.model(context).addModelLifecycleStrategy(new SentMarks());
        context.getShutdownStrategy().setTimeout(20);
    }

    /** The threads of a node. Those of Quartz let each stop wait for half a second. */
    private static Map<String, Object> schedulerOfANode() {
        return new HashMap<>(Map.of(
                "org.quartz.threadPool.class",
                ScheduleThreads.class.getName(),
                "org.quartz.threadPool.threadCount",
                "10"));
    }

    /** With the server of the flows on a port that the system chooses. */
    public static KameletRunner listening(Supplier<Path> data) {
        return listening(data, FlowServerSettings.of("127.0.0.1", 0));
    }

    public static KameletRunner listening(Supplier<Path> data, FlowServerSettings settings) {
        return new KameletRunner(data).listen(settings);
    }

    /** The same over a ledger of several shards in memory. */
    public static KameletRunner listeningOverShards(int shards) {
        List<Store> stores =
                IntStream.range(0, shards).<Store>mapToObj(MemoryStore::ofShard).toList();
        return new KameletRunner(settings -> new Ledger(stores, settings))
                .listen(FlowServerSettings.of("127.0.0.1", 0));
    }

    /** The same as one node of several in this process, which share a ledger in memory. */
    public static KameletRunner listeningInCluster(MemoryCluster cluster, String node) {
        return new KameletRunner(settings -> new Ledger(cluster.join(node), cluster.peers(node), settings))
                .listen(FlowServerSettings.of("127.0.0.1", 0));
    }

    private KameletRunner listen(FlowServerSettings settings) {
        try {
            server = FlowServer.start(context, settings);
            client = HttpClient.newHttpClient();
            return this;
        } catch (Exception e) {
            close();
            throw new IllegalStateException(e);
        }
    }

    private LedgerSettings settings() {
        return new LedgerSettings(
                Limits.DEFAULT,
                new Retention(Duration.ofDays(7), Duration.ofDays(90)),
                new LedgerClock(TimeSource.system()),
                new Random(),
                scheduler,
                completions,
                (target, state, age) -> {});
    }

    public LedgerComponent component() {
        return component;
    }

    public Ledger ledger() {
        return component.ledger();
    }

    /** All changes of a flow, the newest first, without their bodies. */
    public List<Entry> accepted(String flow) {
        return ledger().changes(new ChangeQuery(flow, null, null, ACCEPTED_MAX));
    }

    /** The only change of a flow, with its body. */
    public Entry onlyAccepted(String flow) {
        List<Entry> all = accepted(flow);
        assertThat(all).hasSize(1);
        return ledger().change(flow, all.get(0).sequence()).orElseThrow();
    }

    /** Adds routes, which may refer to these properties. */
    public KameletRunner with(String yaml, Map<String, String> properties) throws Exception {
        properties.forEach(context.getPropertiesComponent()::addOverrideProperty);
        PluginHelper.getRoutesLoader(context).loadRoutes(ResourceHelper.fromString("test.yaml", yaml));
        return this;
    }

    /** Adds the routes of a file. */
    public KameletRunner withFile(String file, Map<String, String> properties) throws Exception {
        properties.forEach(context.getPropertiesComponent()::addOverrideProperty);
        PluginHelper.getRoutesLoader(context)
                .loadRoutes(ResourceHelper.resolveMandatoryResource(context, "file:" + file));
        return this;
    }

    public KameletRunner start() {
        context.start();
        return this;
    }

    // ---- Through the server of the flows

    public FlowServer server() {
        return server;
    }

    public String url(String path) {
        return "http://127.0.0.1:" + server.port() + path;
    }

    /** A request to the flows, which never waits for ever. */
    public HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url(path))).timeout(Patience.MAX);
    }

    /** A POST to the flows. */
    public HttpRequest.Builder request(String path, String contentType, byte[] body, Map<String, String> headers) {
        HttpRequest.Builder request = request(path).POST(BodyPublishers.ofByteArray(body));
        headers.forEach(request::header);
        return headers.containsKey("Content-Type") ? request : request.header("Content-Type", contentType);
    }

    public HttpResponse<String> ask(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    public HttpResponse<String> post(String path, String contentType, byte[] body, Map<String, String> headers)
            throws IOException, InterruptedException {
        return ask(request(path, contentType, body, headers));
    }

    /** Posts JSON. */
    public HttpResponse<String> post(String path, byte[] body, Map<String, String> headers)
            throws IOException, InterruptedException {
        return post(path, "application/json", body, headers);
    }

    // ---- Into routes

    public Exchange send(String uri, Object body, Map<String, Object> headers) {
        return context.createProducerTemplate().request(uri, exchange -> {
            exchange.getMessage().setBody(body);
            headers.forEach(exchange.getMessage()::setHeader);
        });
    }

    /** A change as in the body of a batch. */
    public Exchange change(byte[] body, Map<String, Object> headers) {
        Exchange change = new DefaultExchange(context);
        change.getMessage().setBody(body);
        headers.forEach(change.getMessage()::setHeader);
        return change;
    }

    public Exchange sendOk(String uri, Object body, Map<String, Object> headers) {
        Exchange result = send(uri, body, headers);
        assertThat(result.getException()).isNull();
        return result;
    }

    @Override
    public void close() {
        letRunsEnd();
        context.stop();
        scheduler.shutdownNow();
        completions.shutdownNow();
    }

    /** Most of what is under way ends in this moment, and Camel looks for that once a second only. */
    private void letRunsEnd() {
        for (int times = 0; times < 50 && context.getInflightRepository().size() > 0; times++) {
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
    }
}
