package dev.serai.reconcile;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.serai.camel.LeanCamelContext;
import dev.serai.camel.RouteFileStatus;
import dev.serai.camel.RouteFileStatus.RefusedFile;
import dev.serai.camel.ledger.LedgerComponent;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.RedeliveryPolicy;
import dev.serai.ledger.delivery.Sending;
import dev.serai.ledger.delivery.TargetCircuit;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.Limits;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.Receipt;
import dev.serai.ledger.model.Retention;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.ledger.time.LedgerClock;
import dev.serai.ledger.time.TimeSource;
import dev.serai.reconcile.book.BookPlace;
import dev.serai.store.JdbcStore;
import dev.serai.support.Patience;
import dev.serai.task.LedgerScheduler;
import dev.serai.text.ExactJson;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/**
 * A ledger with a target that keeps what it is given in a map, and an HTTP server that shows the map: {@code GET
 * /orders?page=N}, 100 a page, and {@code GET /orders/KEY}; with a source behind {@code /shop}.
 */
final class ReconcileStage implements AutoCloseable {
    static final TargetName SHOP = new TargetName("orders", "shop");
    static final int PAGE = 100;

    final CamelContext camel = new LeanCamelContext(true);
    final Ledger ledger;
    /** What the target has. */
    final Map<String, JsonNode> has = new ConcurrentSkipListMap<>();
    /** What the source has. */
    final Map<String, JsonNode> source = new ConcurrentSkipListMap<>();
    /** The keys that it was given, in order. */
    final List<String> taken = new CopyOnWriteArrayList<>();

    final List<String> asked = new CopyOnWriteArrayList<>();
    Clock clock = Clock.systemUTC();
    Reconciler reconciler;

    private final Path folder;
    private final LedgerScheduler scheduler = new LedgerScheduler(2, Executors.defaultThreadFactory());
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;
    private final AtomicLong ids = new AtomicLong();
    private final long started = System.nanoTime();
    volatile Listener listener = (stage, exchange) -> false;
    volatile Script script = change -> null;
    /** How many more records than there are a page says that there are. */
    volatile int tooMany;
    /** Whether the target keeps what it is given. */
    volatile boolean keepsStates = true;

    /** May answer a request itself. */
    interface Listener {
        /** Returns whether it has answered. */
        boolean asked(ReconcileStage stage, HttpExchange exchange) throws IOException, InterruptedException;
    }

    /** What becomes of a change; null if the target takes it. */
    interface Script {
        Outcome of(Change change);
    }

    ReconcileStage(Path folder) throws Exception {
        this.folder = folder;
        ledger = new Ledger(
                JdbcStore.open(folder.resolve("ledger.db")),
                new LedgerSettings(
                        Limits.DEFAULT,
                        Retention.DEFAULT,
                        new LedgerClock(TimeSource.system()),
                        new Random(),
                        scheduler,
                        Runnable::run,
                        (target, state, sinceAccepted) -> {}));
        scheduler.whenFailed(ledger::fail);
        camel.getRegistry().bind("ledger", new LedgerComponent(url -> ledger));
        camel.start();
        ledger.subscribe(
                        SHOP,
                        TargetOptions.of(8, RedeliveryPolicy.DEFAULT, true, false),
                        (changes, done) -> threads.execute(() -> done.accept(deliver(changes))),
                        new TargetCircuit(TimeSource.system()))
                .start();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/orders", this::answer);
        server.createContext("/shop", this::answer);
        server.setExecutor(threads);
        server.start();
    }

    private Outcome deliver(List<Sending> changes) {
        for (Sending one : changes) {
            Change change = one.entry().change();
            Outcome other = script.of(change);
            if (other != null) {
                return other;
            }
            if (!keepsStates) {
                continue;
            }
            if (change.operation() == Operation.DELETE) {
                has.remove(change.key());
            } else {
                has.put(change.key(), json(new String(change.body(), StandardCharsets.UTF_8)));
            }
            taken.add(change.key());
        }
        return new Outcome.Delivered(200);
    }

    static JsonNode json(String text) {
        try {
            return ExactJson.ONE_VALUE.readTree(text);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    // ---- The ledger

    /** Sends a state of an order and waits until it is accepted. */
    Receipt send(String key, String state) {
        return send(key, Operation.UPSERT, state);
    }

    Receipt send(String key, Operation operation, String body) {
        return send(key, null, operation, body);
    }

    /** As the source pushes it: {@code {"id":"k7","amount":7,"v":1}}. */
    void push(String key, int amount, int version) {
        send(key, String.valueOf(version), Operation.UPSERT, record(key, amount, version));
    }

    static String record(String key, int amount, int version) {
        return "{\"id\":\"" + key + "\",\"amount\":" + amount + ",\"v\":" + version + "}";
    }

    /** The source has a state, and pushes it unless that is lost. */
    void change(String key, int amount, int version, boolean isPushed) {
        source.put(key, json(record(key, amount, version)));
        if (isPushed) {
            push(key, amount, version);
        }
    }

    private Receipt send(String key, @Nullable String version, Operation operation, String body) {
        String id = started + "-" + ids.incrementAndGet();
        return ledger.accept(new Change(
                        "orders",
                        id,
                        key,
                        version,
                        operation,
                        "application/json",
                        Map.of(),
                        body.getBytes(StandardCharsets.UTF_8)))
                .join();
    }

    /** Sends {@code {"id":"k7","amount":7}} for each number. */
    void sendEach(int from, int to) {
        for (int i = from; i <= to; i++) {
            send(key(i), state(i));
        }
        awaitDelivered();
    }

    static String key(int number) {
        return String.format("k%05d", number);
    }

    static String state(int number) {
        return "{\"id\":\"" + key(number) + "\",\"amount\":" + number + "}";
    }

    void awaitDelivered() {
        await().atMost(Patience.MAX).until(() -> ledger.flow("orders").orElseThrow().targets().stream()
                .allMatch(one -> one.backlog() == 0));
    }

    // ---- The target

    String url() {
        return address() + "/orders";
    }

    private String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        asked.add(String.valueOf(exchange.getRequestURI()));
        try {
            if (listener.asked(this, exchange)) {
                return;
            }
        } catch (InterruptedException e) {
            exchange.close();
            return;
        }
        String path = exchange.getRequestURI().getPath();
        Map<String, JsonNode> records = path.startsWith("/shop") ? source : has;
        if (path.equals("/orders") || path.equals("/shop")) {
            String query = exchange.getRequestURI().getQuery();
            page(exchange, path, records, Integer.parseInt(query.replaceAll(".*page=(\\d+).*", "$1")));
        } else {
            JsonNode found = records.get(path.replaceFirst("^/[^/]*/", ""));
            answer(exchange, found == null ? 404 : 200, found == null ? "{}" : found.toString());
        }
    }

    private void page(HttpExchange exchange, String path, Map<String, JsonNode> records, int number)
            throws IOException {
        List<JsonNode> all = new ArrayList<>(records.values());
        ObjectNode page = ExactJson.MAPPER.createObjectNode();
        ArrayNode orders = page.putArray("orders");
        int from = Math.min(all.size(), (number - 1) * PAGE);
        all.subList(from, Math.min(all.size(), from + PAGE)).forEach(orders::add);
        page.put("total", 5); // nobody is to believe that
        page.put("count", records.size() + tooMany);
        if (from + PAGE < all.size()) {
            page.put("next", address() + path + "?page=" + (number + 1));
        }
        answer(exchange, 200, page.toString());
    }

    static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    // ---- Reconciliation

    /** Writes {@code orders.reconcile.yaml} and follows it. */
    void reconcile(String more) throws IOException {
        reconcile(SHOP.flow(), SHOP.target(), more);
    }

    /** As {@link #reconcile(String)}, of another target. */
    void reconcile(String flow, String target, String more) throws IOException {
        Path file = Files.writeString(
                folder.resolve("orders.reconcile.yaml"),
                "flow: " + flow + "\ntarget: " + target + "\nlag: 50ms\n" + more);
        begin(file);
    }

    String byPage() {
        return "key: .id\npage: { url: '" + url() + "?page=1', records: .orders, next: .next }\n";
    }

    /** Pages until one is empty, again and again until nothing has moved between them. */
    String byNumber() {
        return "key: .id\npage: { url: '" + url() + "?page={page}', records: .orders }\n";
    }

    String byKey() {
        return "read: { url: '" + url() + "/{key}' }\n";
    }

    /** The block of a source that is read by pages, and perhaps by key. */
    String source(boolean isByKey, String more) {
        return "source:\n  key: .id\n  page: { url: '" + address() + "/shop?page=1', records: .orders, next: .next }\n"
                + (isByKey ? "  read: { url: '" + address() + "/shop/{key}' }\n" : "")
                + more;
    }

    private BookPlace books() {
        return new BookPlace(folder.resolve("reconcile"), null);
    }

    private void begin(Path file) {
        reconciler = new Reconciler(camel, () -> List.of(file), books(), clock);
        if (!reconciler.mistakes(true).isEmpty()) {
            throw new IllegalStateException(String.join("\n", reconciler.mistakes(true)));
        }
        reconciler.start(ledger);
        await().atMost(Patience.MAX).until(() -> reconciler.names().contains("orders"));
    }

    /** Follows nothing. */
    void reconcileNothing() {
        reconciler = new Reconciler(camel, List::of, books(), clock);
        reconciler.start(ledger);
    }

    /** Lets retention delete what is settled in the ledger of a stage that is closed. */
    static void forgetSettled(Path folder) {
        Retention over = new Retention(Duration.ZERO, Duration.ZERO);
        try (Store store = JdbcStore.open(folder.resolve("ledger.db"))) {
            boolean more = true;
            while (more) {
                Transaction transaction = store.begin();
                more = transaction.purge(0, over, 10, (target, key, sequence) -> {});
                transaction.commit();
            }
        }
    }

    /** As after a kill of the node. */
    void restart() {
        reconciler.stop();
        begin(folder.resolve("orders.reconcile.yaml"));
    }

    ReconcileReport run() {
        return run(RunRequest.LOOK);
    }

    ReconcileReport repair() {
        return run(new RunRequest(false, 0, true, false, List.of(), 1_000, 1_000));
    }

    ReconcileReport run(RunRequest request) {
        await().atMost(Patience.MAX).until(() -> reconciler.start("orders", request));
        return end();
    }

    /** What the run found that is under way. */
    ReconcileReport end() {
        await().atMost(Patience.MAX).until(() -> !report().state().equals("running"));
        return report();
    }

    ReconcileReport report() {
        return reconciler.report("orders").orElseThrow();
    }

    ReconcileState trouble() {
        return reconciler.states().get(0);
    }

    List<RefusedFile> refused() {
        return RouteFileStatus.of(camel).refused();
    }

    Instant mark() {
        return trouble().verifiedThrough();
    }

    static List<String> keys(ReconcileReport report, String kind) {
        return keys(report.differences(), kind);
    }

    /** Those of the source. */
    static List<String> sourceKeys(ReconcileReport report, String kind) {
        return keys(Objects.requireNonNull(report.source()).differences(), kind);
    }

    private static List<String> keys(List<ReconcileReport.DifferenceJson> differences, String kind) {
        return differences.stream()
                .filter(one -> one.kind().equals(kind))
                .map(ReconcileReport.DifferenceJson::key)
                .toList();
    }

    @Override
    public void close() {
        if (reconciler != null) {
            reconciler.stop();
        }
        server.stop(0);
        camel.stop();
        ledger.close();
        scheduler.shutdownNow();
        threads.shutdownNow();
    }
}
