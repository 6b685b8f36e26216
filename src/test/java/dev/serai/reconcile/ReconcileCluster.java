package dev.serai.reconcile;

import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.serai.camel.LeanCamelContext;
import dev.serai.camel.ledger.LedgerComponent;
import dev.serai.cluster.PeerNetwork;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.cluster.SideTables;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.RedeliveryPolicy;
import dev.serai.ledger.delivery.Sending;
import dev.serai.ledger.delivery.TargetCircuit;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.LedgerSettings;
import dev.serai.ledger.model.Limits;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.Retention;
import dev.serai.ledger.time.LedgerClock;
import dev.serai.ledger.time.TimeSource;
import dev.serai.reconcile.book.BookPlace;
import dev.serai.reconcile.desk.ReconcileDesk;
import dev.serai.store.LedgerAddress;
import dev.serai.store.LedgerStores;
import dev.serai.store.crypt.BodyCipher;
import dev.serai.store.postgres.TestServer;
import dev.serai.support.Patience;
import dev.serai.task.LedgerScheduler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.camel.CamelContext;

/** Nodes of this process that share a ledger in PostgreSQL and one target, {@code orders/shop}, which shows its records 100 a page. */
final class ReconcileCluster implements AutoCloseable {
    private static final int SHARDS = 2;
    private static final int PAGE = 100;

    /** What the target has. */
    final Map<String, String> has = new ConcurrentSkipListMap<>();
    /** The pages that were asked for, by whichever node. */
    final List<Integer> pages = new CopyOnWriteArrayList<>();

    final String schema = TestServer.newSchema();
    /** Is told of each page before it is answered. */
    volatile PageListener listener = page -> {};

    private final Path folder;
    private final Path file;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<TestNode> nodes = new ArrayList<>();

    /** May make a page wait. */
    interface PageListener {
        void asked(int page) throws InterruptedException;
    }

    /** @param more of the reconcile file */
    ReconcileCluster(Path folder, String more) throws IOException {
        this.folder = folder;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/orders", this::answer);
        server.setExecutor(threads);
        server.start();
        this.file = Files.writeString(
                folder.resolve("orders.reconcile.yaml"),
                """
                flow: orders
                target: shop
                lag: 50ms
                key: .id
                page: { url: '%s/orders?page={page}', records: .orders }
                """.formatted("http://127.0.0.1:" + server.getAddress().getPort()) + more);
    }

    private void answer(HttpExchange exchange) throws IOException {
        int page = Integer.parseInt(exchange.getRequestURI().getQuery().replaceAll("page=(\\d+)", "$1"));
        pages.add(page);
        try {
            listener.asked(page);
        } catch (InterruptedException e) {
            exchange.close();
            return;
        }
        List<String> all = List.copyOf(has.values());
        int from = Math.min(all.size(), (page - 1) * PAGE);
        String body = "{\"orders\":[" + String.join(",", all.subList(from, Math.min(all.size(), from + PAGE))) + "]}";
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    /** Starts a node; the first one has the first shard until it leaves. */
    TestNode join(String name) throws Exception {
        TestNode node = new TestNode(name);
        nodes.add(node);
        return node;
    }

    LedgerAddress address(String name) {
        return new LedgerAddress(TestServer.url(), null, null, schema, SHARDS, name, folder.resolve(name));
    }

    SideTables sideTables() {
        return LedgerStores.sideTables(address("any"));
    }

    /** One node. */
    final class TestNode implements AutoCloseable {
        final Ledger ledger;
        final ReconcileDesk desk;
        private final CamelContext camel = new LeanCamelContext(true);
        private final LedgerScheduler scheduler = new LedgerScheduler(2, Executors.defaultThreadFactory());

        TestNode(String name) throws Exception {
            PeerNetwork network = PeerNetwork.open("127.0.0.1", 0, "a secret of the nodes", threads);
            ledger = new Ledger(
                    LedgerStores.join(address(name), network.address(), BodyCipher.NONE),
                    network,
                    new LedgerSettings(
                            Limits.DEFAULT,
                            Retention.DEFAULT,
                            new LedgerClock(TimeSource.system()),
                            new Random(),
                            scheduler,
                            threads,
                            (target, state, sinceAccepted) -> {}));
            scheduler.whenFailed(ledger::fail);
            camel.getRegistry().bind("ledger", new LedgerComponent(url -> ledger));
            camel.start();
            ledger.subscribe(
                            ReconcileStage.SHOP,
                            TargetOptions.of(8, RedeliveryPolicy.DEFAULT, true, false),
                            (changes, done) -> threads.execute(() -> done.accept(deliver(changes))),
                            new TargetCircuit(TimeSource.system()))
                    .start();
            BookPlace books = new BookPlace(folder.resolve(name).resolve("reconcile"), sideTables());
            desk = new ReconcileDesk(
                    new Reconciler(camel, () -> List.of(file), books, Clock.systemUTC()), Clock.systemUTC());
            desk.open(ledger);
            await().atMost(Patience.MAX).until(() -> desk.names().contains("orders"));
        }

        private Outcome deliver(List<Sending> changes) {
            for (Sending one : changes) {
                Change change = one.entry().change();
                has.put(change.key(), new String(change.body(), StandardCharsets.UTF_8));
            }
            return new Outcome.Delivered(200);
        }

        /** Sends {@code {"id":"k00007","amount":7}} for each number. */
        void sendEach(int from, int to) {
            for (int i = from; i <= to; i++) {
                Change change = new Change(
                        "orders",
                        "i" + i,
                        ReconcileStage.key(i),
                        null,
                        Operation.UPSERT,
                        "application/json",
                        Map.of(),
                        ReconcileStage.state(i).getBytes(StandardCharsets.UTF_8));
                try {
                    ledger.accept(change).join();
                } catch (CompletionException e) { // its shard is on its way to another node
                    await().atMost(Patience.MAX)
                            .ignoreExceptions()
                            .until(() -> ledger.accept(change).join() != null);
                }
            }
            await().atMost(Patience.MAX).until(() -> ledger.flow("orders").orElseThrow().targets().stream()
                    .allMatch(one -> one.backlog() == 0));
        }

        /** What is told here, once it can be. */
        ReconcileReport report() {
            return await().atMost(Patience.MAX).ignoreExceptions().until(() -> desk.report("orders"), one -> true);
        }

        ReconcileReport ended() {
            return await().atMost(Patience.MAX)
                    .ignoreExceptions()
                    .until(() -> desk.report("orders"), one -> one.endedAt() != null);
        }

        ReconcileReport run() {
            await().atMost(Patience.MAX).ignoreExceptions().until(() -> desk.start("orders", RunRequest.LOOK) != null);
            return ended();
        }

        /** Gives its shards to the others, and runs on. */
        void leave() {
            ledger.leave();
        }

        @Override
        public void close() {
            desk.close();
            camel.stop();
            ledger.close();
            scheduler.shutdownNow();
        }
    }

    @Override
    public void close() {
        nodes.forEach(TestNode::close);
        server.stop(0);
        threads.shutdownNow();
    }
}
