package dev.serai.node.reload;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.serai.camel.RouteFileStatus;
import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.audit.AuditQuery;
import dev.serai.node.Node;
import dev.serai.node.RunOptions;
import dev.serai.node.Settings;
import dev.serai.support.LoadOracle;
import dev.serai.support.LoadSource;
import dev.serai.support.OrderRoutes;
import dev.serai.support.Patience;
import dev.serai.support.RecordingTarget;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.health.HealthCheckHelper;
import org.apache.camel.model.Model;
import org.apache.camel.support.service.ServiceSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hot reload: a file that is saved replaces its running routes, and no accepted change is lost or out of order. */
class ReloadIT {
    private static final int KEYS = 8;
    /** As many as there are reasons to refuse a file, twice. */
    private static final int RELOADS = 8;

    private static final int RELOADS_UNDER_LOAD = Integer.getInteger("serai.reload.times", 4);

    private static final String ORDERS = OrderRoutes.TO_SHOP;

    private static final String PATH_TAKEN_TWICE = """
            - route:
                id: orders-again
                from:
                  uri: kamelet:webhook-source
                  parameters: { path: /hooks/orders, scheme: github, secret: test-key }
                  steps:
                    - to: { uri: "ledger:orders", parameters: { key: "${jq(.key)}" } }
            """;

    private static final String STEP_THAT_DOES_NOT_START =
            "        - process: { ref: \"#class:dev.serai.node.reload.ReloadIT$DoesNotStart\" }\n";

    /** A step that fails when it is started. */
    public static final class DoesNotStart extends ServiceSupport implements Processor {
        @Override
        public void process(Exchange exchange) {}

        @Override
        protected void doStart() {
            throw new IllegalStateException("the step has no wish to start");
        }
    }

    private static final String STEP_WITHOUT_ITS_CLASS =
            "        - process: { ref: \"#class:dev.serai.node.reload.ReloadIT$WithoutItsClass\" }\n";
    private static final String STEP_WITHOUT_ITS_CLASS_AT_START =
            "        - process: { ref: \"#class:dev.serai.node.reload.ReloadIT$WithoutItsClassAtStart\" }\n";

    /** A step that needs a missing class. */
    public static final class WithoutItsClass implements Processor {
        public WithoutItsClass() {
            throw new NoClassDefFoundError("com.acme.Missing");
        }

        @Override
        public void process(Exchange exchange) {}
    }

    /** A step that needs a missing class when it is started. */
    public static final class WithoutItsClassAtStart extends ServiceSupport implements Processor {
        @Override
        public void process(Exchange exchange) {}

        @Override
        protected void doStart() {
            throw new NoClassDefFoundError("com.acme.MissingAtStart");
        }
    }

    private static final String STEP_THAT_WAITS =
            "        - process: { ref: \"#class:dev.serai.node.reload.ReloadIT$Waits\" }\n";

    /** Static, because Camel creates the step. */
    private static final Queue<CountDownLatch> STEP_WAITS = new ConcurrentLinkedQueue<>();

    /** A step that waits for the test, if the test wants it. */
    public static final class Waits implements Processor {
        @Override
        public void process(Exchange exchange) throws InterruptedException {
            CountDownLatch latch = STEP_WAITS.peek();
            if (latch != null) {
                latch.await();
            }
        }
    }

    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Map<Path, Integer> saves = new HashMap<>();
    private RecordingTarget target;
    private Path routes;
    private Path kamelets;
    private Path orders;
    private Node node;
    private RunOptions options;
    private RouteReload reload;

    @BeforeEach
    void start() throws Exception {
        target = new RecordingTarget(1);
        routes = Files.createDirectory(folder.resolve("routes"));
        kamelets = Files.createDirectory(folder.resolve("kamelets"));
        try (Stream<Path> shipped = Files.list(Path.of("kamelets"))) {
            for (Path kamelet : shipped.toList()) {
                Files.copy(kamelet, kamelets.resolve(kamelet.getFileName().toString()));
            }
        }
        orders = Files.writeString(routes.resolve("orders.camel.yaml"), ORDERS);
        options = new RunOptions(
                List.of(routes + "/*"),
                List.of(kamelets),
                null,
                folder.resolve("data"),
                Map.of("serai.http.port", "0", "serai.admin.port", "0", "target.url", target.url()));
        node = new Node(options, Settings.load(options, Map.of()));
        RouteReload.Watch watch = new RouteReload.Watch(options);
        node.start();
        reload = new RouteReload(options, watch, new LiveRoutes(node, Patience.MAX), print(out), print(err));
    }

    @AfterEach
    void stop() {
        reload.close();
        node.close();
        target.close();
    }

    // ---- Under load

    @Test
    void aFileRewrittenUnderLoadLosesNothingAndKeepsTheOrderOfEachKey() throws Exception {
        LoadSource source = new LoadSource(node.flowsUrl() + "/hooks/orders", KEYS);
        target.failing(0.05);
        source.start();
        try {
            for (int n = 1; n <= RELOADS_UNDER_LOAD; n++) {
                int before = target.firsts().size();
                save(orders, ORDERS + "# " + n + "\n");
                assertThat(said(out))
                        .hasSize(n)
                        .allMatch(line -> line.startsWith("reloaded " + orders + ": orders-in, orders-out"));
                await(() -> target.firsts().size() > before + 20);
            }
        } finally {
            source.stop();
        }
        assertThat(said(err)).isEmpty();
        assertThat(source.acknowledged()).hasSizeGreaterThan(KEYS);
        LoadOracle.expectAllDelivered(source, target);
    }

    @Test
    void aTargetThatWasRemovedGetsTheMissedChangesInOrder() throws Exception {
        String in = ORDERS.substring(0, ORDERS.indexOf("- route:\n    id: orders-out"));
        String out = ORDERS.substring(in.length());
        save(orders, in);
        for (int n = 1; n <= 20; n++) {
            assertThat(post("/hooks/orders", change("k", n)).statusCode()).isEqualTo(202);
        }
        save(routes.resolve("shop.camel.yaml"), out);

        assertThat(post("/hooks/orders", change("k", 21)).statusCode()).isEqualTo(202);
        await(() -> target.firsts().size() == 21);
        assertThat(target.firsts())
                .extracting(RecordingTarget.Arrival::id)
                .startsWith("k-1", "k-2")
                .endsWith("k-20", "k-21");
        assertThat(target.repeats()).isZero();
    }

    @Test
    void aPullThatWaitsForItsSourceIsReplacedAndContinuesWithTheNewFile() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        AtomicBoolean up = new AtomicBoolean();
        HttpServer source = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        source.createContext("/items", request -> {
            asked.incrementAndGet();
            byte[] page = "{\"items\":[{\"id\":\"p-1\",\"key\":\"p\"}]}".getBytes(StandardCharsets.UTF_8);
            request.getResponseHeaders().add("Content-Type", "application/json");
            request.sendResponseHeaders(up.get() ? 200 : 503, page.length);
            request.getResponseBody().write(page);
            request.close();
        });
        source.start();
        try {
            String pull = """
                    - route:
                        id: items-in
                        from:
                          uri: kamelet:http-pull-source
                          parameters: { name: items, interval: 200ms, url: "http://127.0.0.1:PORT/items", records: .items }
                          steps:
                            - to: { uri: "ledger:orders", parameters: { batch: true, id: "${jq(.id)}", key: "${jq(.key)}" } }
                    """.replace("PORT", String.valueOf(source.getAddress().getPort()));
            Path items = routes.resolve("items.camel.yaml");
            save(items, pull);
            await(() -> asked.get() >= 2);
            for (int n = 1; n <= 5; n++) {
                save(items, pull + "# " + n + "\n");
                assertThat(said(err)).isEmpty();
                int before = asked.get();
                await(() -> asked.get() > before);
            }
            up.set(true);
            await(() -> target.has("p-1"));
        } finally {
            source.stop(0);
        }
    }

    // ---- Refused files

    @Test
    void aBrokenFileLeavesTheOldFlowRunningAndSaysWhere() throws Exception {
        expectRefused(ORDERS.replace("steps:", "steps: ["), "orders.camel.yaml:");
        expectRefused(ORDERS.replace("webhook-source", "webhock-source"), "webhock-source");
        expectRefused(ORDERS.replace("/hooks/orders", "\"{{orders.path}}\""), "orders.path");
        expectRefused(ORDERS.replace("key:", "kee:"), "kee");
        expectRefused(ORDERS.replace("target: shop, ", ""), "target");
        expectRefused(ORDERS.replace("${jq(.key)}", "${jq(.key"), "orders.camel.yaml:");
        assertThat(said(out)).isEmpty();

        save(orders, ORDERS.replace("}}/orders", "}}/repaired"));
        assertThat(said(out)).hasSize(1);
        assertThat(RouteFileStatus.of(node.context()).refused()).isEmpty();
        await(() -> audited().size() == 7);
        assertThat(audited()).allMatch(entry -> entry.what().equals(orders.toString()));
        assertThat(audited().get(0).outcome()).isEqualTo("reloaded");
        assertThat(audited().get(1).outcome()).isEqualTo("refused");
        assertThat(audited().get(6).reason()).contains("orders.camel.yaml:");
        expectDelivers("repaired-1");
    }

    @Test
    void aFileWithoutRoutesIsLoaded() throws Exception {
        save(routes.resolve("beans.camel.yaml"), "- beans:\n    - { name: names, type: java.util.ArrayList }\n");

        assertThat(said(err)).isEmpty();
        assertThat(said(out)).singleElement().asString().endsWith("beans.camel.yaml: no route");
    }

    @Test
    void aFileThatIsTooLargeIsNamedAndTheNextSaveIsTaken() throws Exception {
        try (RandomAccessFile large = new RandomAccessFile(orders.toFile(), "rw")) {
            large.setLength(200L << 20); // sparse
        }
        twoLooks();
        assertThat(said(err)).singleElement().asString().contains("orders.camel.yaml: is larger than 4 MiB");

        save(orders, ORDERS.replace("}}/orders", "}}/repaired"));
        expectDelivers("repaired-1");
    }

    @Test
    void aNewFlowThatDoesNotStartLeavesTheOldOneRunning() throws Exception {
        Path shop = routes.resolve("shop.camel.yaml");
        String other = ORDERS.replace("orders", "returns");
        save(shop, other);
        save(shop, other.replace("/hooks/returns", "/hooks/orders"));

        assertThat(said(err))
                .singleElement()
                .asString()
                .contains("shop.camel.yaml:")
                .contains("the route at ", "orders.camel.yaml:", "takes requests on /hooks/orders too");
        assertThat(post("/hooks/returns", change("k", 1)).statusCode()).isEqualTo(202);
        assertThat(post("/hooks/orders", change("k", 2)).statusCode()).isEqualTo(202);
        await(() -> target.has("k-1") && target.has("k-2"));
    }

    @Test
    void aTargetWhoseNewRouteDoesNotStartIsDeliveredToByTheOldOne() throws Exception {
        expectRefused(ORDERS + STEP_THAT_DOES_NOT_START, "no wish to start");
        assertThat(node.context().getRoutesSize()).isEqualTo(4);
        expectRefused(ORDERS + PATH_TAKEN_TWICE, "/hooks/orders");
        assertThat(node.context().getRoutesSize()).isEqualTo(4);
    }

    @Test
    void anErrorInAFileIsSaidAndTheNextSaveIsTaken() throws Exception {
        expectRefused(ORDERS + STEP_WITHOUT_ITS_CLASS, "com.acme.Missing");
        assertThat(node.context().getRoutesSize()).isEqualTo(4);
        expectRefused(ORDERS + STEP_WITHOUT_ITS_CLASS_AT_START, "com.acme.MissingAtStart");
        assertThat(node.context().getRoutesSize()).isEqualTo(4);

        reload.start();
        expectRefusedByItself("[".repeat(200_000) + "]".repeat(200_000), "orders.camel.yaml");
        write(orders, ORDERS.replace("}}/orders", "}}/repaired"));
        await(() -> said(out).size() == 1);
        expectDelivers("repaired-1");
    }

    private List<AuditEntry> audited() {
        return node.ledger().actions().log().list(new AuditQuery(null, null, "node", "reload", Long.MAX_VALUE, 100));
    }

    /** As {@link #expectRefused}, but the reload finds the file itself. */
    private void expectRefusedByItself(String content, String reason) throws Exception {
        err.reset();
        write(orders, content);
        await(() -> !said(err).isEmpty());
        assertThat(said(err))
                .singleElement()
                .asString()
                .contains("orders.camel.yaml")
                .contains(reason);
        assertThat(RouteFileStatus.of(node.context()).refused()).singleElement().satisfies(file -> {
            assertThat(file.file()).isEqualTo(orders.toString());
            assertThat(file.reason()).contains(reason);
        });
        expectDelivers("refused-" + saves.get(orders));
    }

    @Test
    void aDeliveryThatDoesNotEndIsNotInterruptedByANewFile() throws Exception {
        reload.close();
        RouteReload.Watch watch = new RouteReload.Watch(options);
        reload = new RouteReload(options, watch, new LiveRoutes(node, Duration.ofSeconds(2)), print(out), print(err));
        save(orders, ORDERS + STEP_THAT_WAITS);
        out.reset();
        STEP_WAITS.add(new CountDownLatch(1));
        assertThat(post("/hooks/orders", change("k", 1)).statusCode()).isEqualTo(202);
        await(() -> target.has("k-1"));

        save(orders, ORDERS);
        assertThat(said(err)).singleElement().asString().contains("orders-out is still at work");
        STEP_WAITS.remove().countDown();
        expectDelivers("k-2");
        assertThat(target.repeats()).isZero();

        save(orders, ORDERS);
        assertThat(said(out)).isEmpty();
        save(orders, ORDERS + "# again\n");
        assertThat(said(out)).hasSize(1);
        expectDelivers("k-3");
    }

    @Test
    void anIdOfAnotherFileIsRefused() throws Exception {
        save(routes.resolve("copy.camel.yaml"), ORDERS);

        assertThat(said(err))
                .singleElement()
                .asString()
                .contains("copy.camel.yaml")
                .contains("orders-in");
        expectDelivers("k-1");
    }

    @Test
    void aRefusedFileIsLoadedWhenItsConflictIsGone() throws Exception {
        Path copy = routes.resolve("copy.camel.yaml");
        save(copy, ORDERS);
        Files.delete(orders);
        twoLooks();

        assertThat(said(out))
                .anyMatch(line -> line.startsWith("removed " + orders))
                .anyMatch(line -> line.startsWith("loaded " + copy));
        expectDelivers("k-1");
    }

    // ---- New and deleted files

    @Test
    void aNewFileIsLoadedAndTheRoutesOfADeletedFileStop() throws Exception {
        Path returns = routes.resolve("returns.camel.yaml");
        save(returns, ORDERS.replace("orders", "returns"));
        assertThat(said(out)).containsExactly("loaded " + returns + ": returns-in, returns-out");
        assertThat(post("/hooks/returns", change("r", 1)).statusCode()).isEqualTo(202);
        await(() -> target.has("r-1"));

        Files.delete(returns);
        twoLooks();
        assertThat(said(out)).last().asString().startsWith("removed " + returns + ": returns-in, returns-out");
        assertThat(post("/hooks/returns", change("r", 2)).statusCode()).isEqualTo(404);
        assertThat(node.ledger().flows())
                .filteredOn(flow -> flow.flow().equals("returns"))
                .singleElement()
                .satisfies(flow -> assertThat(flow.targets()).hasSize(1));
        expectDelivers("k-1");
    }

    @Test
    void aFileThatIsStillBeingWrittenIsNotLoaded() throws Exception {
        Files.writeString(orders, ORDERS.substring(0, 100));
        reload.look();
        Files.writeString(orders, ORDERS + "# done\n");
        reload.look();
        assertThat(said(err)).isEmpty();
        assertThat(said(out)).isEmpty();
        reload.look();
        assertThat(said(out)).hasSize(1);
    }

    // ---- Kamelets

    @Test
    void aKameletThatIsSavedReloadsTheFilesThatUseIt() throws Exception {
        Path returns = routes.resolve("direct.camel.yaml");
        save(returns, """
                - route:
                    id: aside
                    from:
                      uri: direct:aside
                      steps:
                        - log: { message: aside }
                """);
        Path kamelet = kamelets.resolve("webhook-source.kamelet.yaml");
        String text = Files.readString(kamelet);
        out.reset();

        save(kamelet, text.replace("ingress:{{path}}", "ingress:/moved{{path}}"));
        assertThat(said(err)).isEmpty();
        assertThat(said(out)).containsExactly("reloaded " + orders + ": orders-in, orders-out");
        assertThat(post("/hooks/orders", change("k", 1)).statusCode()).isEqualTo(404);
        assertThat(post("/moved/hooks/orders", change("k", 2)).statusCode()).isEqualTo(202);
        await(() -> target.has("k-2"));

        save(kamelet, text.replace("steps:", "stepps:"));
        assertThat(said(err)).singleElement().asString().contains("webhook-source.kamelet.yaml");
        assertThat(post("/moved/hooks/orders", change("k", 3)).statusCode()).isEqualTo(202);

        save(kamelet, text);
        expectDelivers("k-4");
    }

    @Test
    void filesThatUseAKameletInTheSameWayAreReloadedOneByOne() throws Exception {
        Path returns = routes.resolve("returns.camel.yaml");
        String other = ORDERS.replace("orders", "returns").replace("}}/returns", "}}/orders");
        save(returns, other);
        save(orders, ORDERS + "# again\n");
        expectDelivers("k-1");
        assertThat(post("/hooks/returns", change("k", 2)).statusCode()).isEqualTo(202);
        await(() -> target.has("k-2"));

        Path kamelet = kamelets.resolve("http-sink.kamelet.yaml");
        String text = Files.readString(kamelet);
        save(kamelet, text.replace("\"0\": \"{{url}}\"", "\"0\": \"{{url}}/moved\""));
        assertThat(said(err)).isEmpty();
        expectDelivers("k-3");
        assertThat(post("/hooks/returns", change("k", 4)).statusCode()).isEqualTo(202);
        await(() -> target.has("k-4"));
        assertThat(target.paths()).containsExactly("/orders", "/orders", "/orders/moved", "/orders/moved");

        Files.delete(returns);
        twoLooks();
        expectDelivers("k-5");
        assertThat(node.context().getRoutesSize()).isEqualTo(4);
    }

    // ---- Leaks

    @Test
    void aFileReloadedManyTimesLeavesNothingBehind() throws Exception {
        expectDelivers("k-0");
        for (int n = 1; n <= 3; n++) {
            reloadOnce(n);
        }
        Map<String, Object> before = inventory();
        Map<String, Long> threads = threads();
        for (int n = 4; n <= RELOADS; n++) {
            reloadOnce(n);
        }
        assertThat(said(out)).hasSize(RELOADS);
        assertThat(said(err)).hasSize(RELOADS / 2);
        assertThat(inventory()).isEqualTo(before);
        // Not equal: threads of a test that ran before in this JVM may end meanwhile.
        Awaitility.await().untilAsserted(() -> assertThat(threads())
                .allSatisfy((name, count) ->
                        assertThat(count).as(name).isLessThanOrEqualTo(threads.getOrDefault(name, 0L))));
    }

    /** Taken, and every second time refused, each time for another reason. */
    private void reloadOnce(int n) throws Exception {
        save(orders, ORDERS + "# " + n + "\n");
        expectDelivers("k-" + n);
        List<String> broken = List.of(
                ORDERS.replace("webhook-source", "webhock-source"),
                ORDERS.replace("key:", "kee:"),
                ORDERS + PATH_TAKEN_TWICE,
                ORDERS.replace("steps:", "steps: ["));
        if (n % 2 == 0) {
            save(orders, broken.get(n / 2 % broken.size()));
        }
    }

    private Map<String, Object> inventory() {
        CamelContext context = node.context();
        Model model = context.getCamelContextExtension().getContextPlugin(Model.class);
        Map<String, Object> inventory = new TreeMap<>();
        inventory.put("endpoints", context.getEndpointRegistry().size());
        inventory.put("routes", context.getRoutesSize());
        inventory.put("definitions", model.getRouteDefinitions().size());
        inventory.put("templates", model.getRouteTemplateDefinitions().size());
        inventory.put("health checks", HealthCheckHelper.invoke(context).size());
        inventory.put("lifecycle strategies", context.getLifecycleStrategies().size());
        inventory.put(
                "beans", context.getRegistry().findByTypeWithName(Object.class).size());
        inventory.put(
                "meters",
                context.getRegistry().lookupByNameAndType("meters", MeterRegistry.class).getMeters().stream()
                        .map(meter -> meter.getId().toString())
                        .sorted()
                        .toList());
        return inventory;
    }

    /** The number of threads per name, except pools of a fixed size that grow with use and threads that end when idle. */
    private static Map<String, Long> threads() {
        List<String> passing = List.of(
                "ingress", "serai-accepted", "serai-http-timeout", "serai-orders-shop", "pool-", "vert.x-worker");
        return Thread.getAllStackTraces().keySet().stream()
                .map(thread -> thread.getName().replaceAll("[0-9]+", "N"))
                .filter(name -> name.contains("serai") || name.contains("camel") || name.contains("vert.x"))
                .filter(name -> passing.stream().noneMatch(name::contains))
                .collect(Collectors.groupingBy(name -> name, TreeMap::new, Collectors.counting()));
    }

    // ---- Steps

    private void expectRefused(String content, String reason) throws Exception {
        err.reset();
        save(orders, content);
        assertThat(said(err))
                .singleElement()
                .asString()
                .startsWith("serai: ")
                .contains("orders.camel.yaml")
                .contains(reason);
        assertThat(RouteFileStatus.of(node.context()).refused()).singleElement().satisfies(file -> {
            assertThat(file.file()).isEqualTo(orders.toString());
            assertThat(file.reason()).contains(reason);
        });
        expectDelivers("refused-" + saves.get(orders));
    }

    /** Sends a change and waits for its delivery. */
    private void expectDelivers(String id) throws Exception {
        String key = id.substring(0, id.indexOf('-'));
        HttpResponse<String> answer = post("/hooks/orders", "{\"id\":\"" + id + "\",\"key\":\"" + key + "\"}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        await(() -> target.has(id));
    }

    private void save(Path file, String content) throws IOException {
        write(file, content);
        twoLooks();
    }

    private void write(Path file, String content) throws IOException {
        saves.merge(file, 1, Integer::sum);
        Files.writeString(file, content);
    }

    private void twoLooks() {
        reload.look();
        reload.look();
    }

    private static String change(String key, int n) {
        return "{\"id\":\"" + key + "-" + n + "\",\"key\":\"" + key + "\"}";
    }

    private HttpResponse<String> post(String path, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(node.flowsUrl() + path))
                .header("Content-Type", "application/json")
                .timeout(Patience.MAX)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static void await(Callable<Boolean> condition) {
        Awaitility.await().pollInterval(Duration.ofMillis(5)).until(condition);
    }

    private static List<String> said(ByteArrayOutputStream stream) {
        return stream.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private static PrintStream print(ByteArrayOutputStream stream) {
        return new PrintStream(stream, true, StandardCharsets.UTF_8);
    }
}
