package dev.serai.admin;

import dev.serai.access.NamedTokens;
import dev.serai.access.TokenFile;
import dev.serai.access.TokenRole;
import dev.serai.admin.console.AllowedHosts;
import dev.serai.camel.LeanCamelContext;
import dev.serai.camel.PushStatus;
import dev.serai.camel.RouteFileStatus;
import dev.serai.camel.RouteFileStatus.RefusedFile;
import dev.serai.camel.SourceRegistry;
import dev.serai.camel.SourceStatus;
import dev.serai.camel.http.ByteBudget;
import dev.serai.ledger.time.TimeSource;
import dev.serai.reconcile.Reconciler;
import dev.serai.reconcile.book.BillBook;
import dev.serai.reconcile.book.BillBook.BillLine;
import dev.serai.reconcile.book.BillBook.SideValue;
import dev.serai.reconcile.book.BookPlace;
import dev.serai.reconcile.desk.ReconcileDesk;
import dev.serai.store.JdbcStore;
import dev.serai.support.Patience;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * An admin port with something in each answer: an SQLite ledger with the history of {@link TestLedger}, a push and a pull that
 * fail, a route file that is refused, named tokens, a replay, a backup and a reconciliation.
 */
final class AdminStage implements AutoCloseable {
    static final Clock CLOCK = Clock.fixed(TestLedger.START.plusSeconds(60), ZoneOffset.UTC);
    static final String TOKEN = "test-only-token-0123456789";

    final CamelContext camel = new LeanCamelContext(true);
    final Vertx vertx = Vertx.vertx();
    final TestLedger history;
    final String view;
    final String operate;
    private final Path folder;
    private static final LocalDate DAY = LocalDate.parse("2026-11-20");
    private static final String BILL = """
            {"name":"orders","platform":"wechat-pay","flow":"orders","target":"erp","day":"2026-11-20","state":"done",
             "startedAt":"2026-11-21T02:30:00Z","endedAt":"2026-11-21T02:30:01Z","onBill":1,"differing":1,"missingHere":1,
             "complete":true,"differences":[],"totals":{"bill":{"payments":1,"amount":6500,"refunds":0,"refunded":0},
             "ledger":{"payments":0,"amount":0,"refunds":0,"refunded":0},"target":{"payments":0,"amount":0,"refunds":0,"refunded":0}}}""";

    private final ReconcileDesk reconciliations;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private Duration headMax = Duration.ofSeconds(30);
    private Duration bodyMax = Duration.ofSeconds(60);
    private AdminServer server;

    AdminStage(Path folder) throws Exception {
        this.folder = folder;
        this.history = TestLedger.withSomeHistory(JdbcStore.open(folder.resolve("ledger.db")));
        this.view = TokenFile.in(folder).add("viewer", TokenRole.VIEW, CLOCK);
        this.operate = TokenFile.in(folder).add("operator", TokenRole.OPERATE, CLOCK);
        camel.getRegistry().bind("byteBudget", new ByteBudget(1 << 20));
        camel.start();
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:hooks").routeId("hooks").process(exchange -> {});
                from("direct:games").routeId("games").process(exchange -> {});
            }
        });
        PushStatus hooks = new PushStatus("push", TimeSource.system());
        hooks.taken(2, 1, "orders");
        hooks.refused(401);
        SourceRegistry.of(camel).add(camel.getRoute("hooks"), hooks);
        SourceStatus games = new SourceStatus("pull", atClock());
        games.begun(TestLedger.START.plusSeconds(90));
        games.newest(TestLedger.START);
        games.failed("HTTP 500");
        SourceRegistry.of(camel).add(camel.getRoute("games"), null, games, null);
        Path file = Files.writeString(folder.resolve("orders.reconcile.yaml"), """
                flow: orders
                target: erp
                read: { url: "http://127.0.0.1:9/orders/{key}" }
                bill:
                  platform: wechat-pay
                  url: http://127.0.0.1:9
                  mchid: "1900000001"
                  serialNumber: 5157F09EFDC096DE15EBE81A47057A7232F1B8E1
                  privateKey: file:sandbox/keys/wechatpay-test-private-key.pem
                  publicKeyId: PUB_KEY_ID_SANDBOX
                  publicKey: file:sandbox/keys/wechatpay-test-public-key.pem
                  ledger: { id: .id, amount: .amount, time: .at }
                  target: { amount: .amount }
                """);
        try (BillBook bills = new BillBook(new BookPlace(folder.resolve("reconcile"), null), "orders")) {
            bills.addBill(DAY, List.of(new BillLine("P-1", new SideValue(6_500L, "SUCCESS"), false, null)));
            bills.mark(DAY, bills.after(DAY, "", 1), List.of("missingHere"));
            bills.save(DAY, true, BILL);
        }
        BookPlace books = new BookPlace(folder.resolve("reconcile"), null);
        reconciliations = new ReconcileDesk(
                new Reconciler(camel, () -> List.of(file), books, Clock.systemUTC()), Clock.systemUTC());
        camel.getRegistry().bind("reconcileDesk", reconciliations);
        reconciliations.open(history.ledger);
        Awaitility.await()
                .atMost(Patience.MAX)
                .until(() -> !reconciliations.names().isEmpty());
        RouteFileStatus.of(camel)
                .setRefused(
                        "routes", List.of(new RefusedFile("routes/a.yaml", 7, "no such Kamelet", TestLedger.START)));
        restart();
    }

    private static TimeSource atClock() {
        return new TimeSource() {
            @Override
            public Instant instant() {
                return CLOCK.instant();
            }

            @Override
            public long monotonicMillis() {
                return CLOCK.millis();
            }
        };
    }

    /** With a new server, which has forgotten who guessed tokens. */
    void restart() throws Exception {
        if (server != null) {
            server.close();
        }
        restart(0);
    }

    /** A new server at this port, after the old one was closed. */
    void restart(int port) throws Exception {
        server = new AdminServer(
                vertx,
                "127.0.0.1",
                port,
                new AdminToken(TOKEN),
                new NamedTokens(TokenFile.in(folder)),
                history.ledger,
                camel,
                () -> "# HELP serai_up Test\n",
                CLOCK,
                null,
                AllowedHosts.of("127.0.0.1", null),
                headMax,
                bodyMax);
        server.start();
    }

    /** With a new server that waits for a peer no longer than this. */
    void restart(Duration peerMax) throws Exception {
        headMax = peerMax;
        bodyMax = peerMax;
        restart();
    }

    AdminServer server() {
        return server;
    }

    /** Makes a replay and a backup, so that there are some to ask for. */
    void act() throws Exception {
        send("POST", "/api/dead/replay", "{\"all\":true,\"rate\":100,\"reason\":\"a test\"}", operate);
        send("POST", "/api/backup", "{\"file\":\"" + folder.resolve("backup.db") + "\"}", operate);
    }

    /** @param token null for none */
    HttpResponse<String> send(String method, String path, String body, @Nullable String token) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .timeout(Patience.MAX)
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        return http.send(request.build(), beginning());
    }

    /** The body; nothing of a stream of events, which has no end. */
    private static BodyHandler<String> beginning() {
        return head ->
                type(head.headers().firstValue("Content-Type").orElse("")).equals("text/event-stream")
                        ? new EmptyBody()
                        : BodyHandlers.ofString().apply(head);
    }

    private static final class EmptyBody implements BodySubscriber<String> {
        @Override
        public CompletionStage<String> getBody() {
            return CompletableFuture.completedFuture("");
        }

        @Override
        public void onSubscribe(Flow.Subscription stream) {
            stream.cancel();
        }

        @Override
        public void onNext(List<ByteBuffer> bytes) {}

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onComplete() {}
    }

    static String type(String contentType) {
        return contentType.replaceAll(";.*", "");
    }

    @Override
    public void close() {
        reconciliations.close();
        server.close();
        camel.stop();
        history.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
