package dev.serai.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import dev.serai.ledger.model.ShardSequence;
import dev.serai.store.postgres.TestServer;
import dev.serai.support.FeedPuller;
import dev.serai.support.LoadOracle;
import dev.serai.support.LoadSource;
import dev.serai.support.OrderRoutes;
import dev.serai.support.RecordingTarget;
import dev.serai.support.SeraiProcess;
import dev.serai.text.ExactJson;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three real processes share one ledger in PostgreSQL, under load with failing deliveries. */
@Timeout(value = 3, unit = TimeUnit.HOURS)
class ClusterIT {
    private static final int KEYS = 6;
    private static final int SHARDS = 5;
    private static final double FAILURES = 0.3;
    private static final int NOTE_KEYS = 2;
    private static final String TOKEN = "a token of the readers";
    /** Notes are pushed like orders, and read from a feed. */
    private static final String NOTES = """
            - route:
                id: notes-in
                from:
                  uri: kamelet:webhook-source
                  parameters: { path: /hooks/notes }
                  steps:
                    - to: { uri: "ledger:notes", parameters: { id: "${jq(.id)}", key: "${jq(.key)}" } }
            - route:
                id: notes-out
                from:
                  uri: ledger:notes
                  parameters: { target: reader, concurrency: 50 }
                  steps:
                    - to: { uri: "feed:notes/reader", parameters: { token: "%s", ackTimeout: 3s } }
            """.formatted(TOKEN);

    /** {@code -Dserai.cluster.rounds=50} makes it long; without it no node stands still, which takes half a minute. */
    private static final Integer ROUNDS = Integer.getInteger("serai.cluster.rounds");

    @TempDir
    Path folder;

    private final String schema = TestServer.newSchema();
    private final Map<String, SeraiProcess> nodes = new HashMap<>();
    private final HttpClient client = HttpClient.newHttpClient();
    private final LoadSource source = new LoadSource(null, KEYS);
    private final LoadSource notes = new LoadSource(null, NOTE_KEYS);
    private final FeedPuller puller = new FeedPuller(TOKEN);
    private Path routes;
    private Path secret;
    private HttpServer shop;

    @BeforeEach
    void write() throws IOException {
        routes = Files.writeString(folder.resolve("orders.camel.yaml"), OrderRoutes.TO_SHOP + NOTES);
        Files.writeString(
                folder.resolve("orders.reconcile.yaml"),
                "flow: orders\ntarget: shop\nlag: 50ms\nread: { url: '" + emptyShop() + "/{key}' }\n");
        secret = Files.writeString(folder.resolve("secret"), "a secret that the three nodes share");
    }

    /** A shop that has none of its orders any more. */
    private String emptyShop() throws IOException {
        shop = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        shop.createContext("/", request -> {
            request.sendResponseHeaders(404, -1);
            request.close();
        });
        shop.start();
        return "http://127.0.0.1:" + shop.getAddress().getPort();
    }

    @AfterEach
    void end() {
        shop.stop(0);
        nodes.values().forEach(SeraiProcess::close);
    }

    @Test
    void aKilledAndAPausedNodeLoseNothingAcknowledgedAndTheOrderOfEachKeyHolds() throws Exception {
        try (RecordingTarget target = new RecordingTarget(1)) {
            for (String name : List.of("a", "b", "c")) {
                start(name, target);
            }
            target.failing(FAILURES);
            useNodes("a", "b", "c");
            source.start();
            notes.start();
            puller.start();
            try {
                for (int round = 0; round < (ROUNDS == null ? 1 : ROUNDS); round++) {
                    takeMoreOfEachKey();
                    killOne(target);
                    if (ROUNDS != null) {
                        pauseOne(target);
                    }
                }
            } finally {
                source.stop();
                notes.stop();
            }
            LoadOracle.expectAllDelivered(source, target);
            expectAllRead();
            expectTheSameOfEachNode();
            expectOneReconciliation();
            System.out.println(
                    source.acknowledged().size() + " acknowledged, " + target.repeats() + " delivered more than once");
            for (SeraiProcess node : nodes.values()) {
                assertThat(node.terminate()).as(node.output()).isZero();
            }
        }
    }

    /** Sources push to these, and the feed is read at them. */
    private void useNodes(String... names) {
        source.sendToAll(urls("/hooks/orders", names));
        notes.sendToAll(urls("/hooks/notes", names));
        puller.readAt(urls("/feeds/notes/reader", names));
    }

    private void expectAllRead() throws InterruptedException {
        await().until(() -> puller.read().containsAll(notes.acknowledged().keySet()));
        puller.stop();
        assertThat(puller.unexpected()).isEmpty();
        assertThat(notes.unexpected()).isEmpty();
    }

    /**
     * The sources are the same, with what all nodes accepted since their starts, the forecasts are made of the same attempts, and nothing
     * is wrong with the nodes.
     */
    private void expectTheSameOfEachNode() {
        // Nodes tell each other once a minute, and each look makes three forecasts.
        await().pollInterval(Duration.ofSeconds(2)).untilAsserted(() -> {
            List<JsonNode> all = new ArrayList<>();
            Set<Long> attempts = new HashSet<>();
            for (String name : nodes.keySet()) {
                all.add(status(name));
                attempts.add(
                        get(name, "/api/forecast/orders/shop").path("observed").asLong());
            }
            assertThat(attempts).singleElement().satisfies(observed -> assertThat(observed)
                    .isPositive());
            assertThat(all).allSatisfy(status -> {
                assertThat(status.path("sources")).hasSize(2);
                assertThat(status.path("sources").findValues("accepted"))
                        .isEqualTo(all.get(0).path("sources").findValues("accepted"));
                assertThat(status.path("ledger").path("trouble").isNull())
                        .as(status.path("ledger").toString())
                        .isTrue();
            });
        });
    }

    /** A run that one node begins is that of all, and is told by the others when a node dies. */
    private void expectOneReconciliation() throws Exception {
        await().untilAsserted(() -> assertThat(
                        ask("c", "/api/reconcile/orders", "POST").statusCode())
                .isEqualTo(202));
        await().until(() -> !reconciliation("b").path("endedAt").isNull());
        JsonNode found = reconciliation("b");
        assertThat(found.path("state").asText()).as(found.toString()).isEqualTo("done");
        assertThat(found.path("missing").asInt()).isEqualTo(KEYS);
        assertThat(reconciliation("a")).isEqualTo(found);
        assertThat(reconciliation("c")).isEqualTo(found);
        nodes.remove("a").kill();
        for (String name : nodes.keySet()) {
            await().untilAsserted(() -> assertThat(reconciliation(name)).isEqualTo(found));
            await().untilAsserted(() -> assertThat(status(name).path("reconciliations"))
                    .singleElement()
                    .satisfies(one -> assertThat(one.path("state").asText()).isEqualTo("differs")));
        }
    }

    private JsonNode reconciliation(String name) throws Exception {
        return get(name, "/api/reconcile/orders");
    }

    private JsonNode status(String name) throws Exception {
        return get(name, "/api/status");
    }

    private JsonNode get(String name, String path) throws Exception {
        return ExactJson.MAPPER.readTree(ask(name, path, "GET").body());
    }

    private HttpResponse<String> ask(String name, String path, String method) throws Exception {
        String token = Files.readString(folder.resolve(name).resolve("data/admin.token"))
                .strip();
        HttpRequest request = HttpRequest.newBuilder(URI.create(nodes.get(name).adminUrl() + path))
                .header("Authorization", "Bearer " + token)
                .method(method, HttpRequest.BodyPublishers.ofString(method.equals("POST") ? "{}" : ""))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    /** Node c dies, the others take its shards; it starts again, and they hand some over. */
    private void killOne(RecordingTarget target) throws Exception {
        Set<Integer> shards = shardsOf("c");
        nodes.get("c").kill();
        long begun = System.nanoTime();
        useNodes("a", "b");
        awaitDeliveries(target, "c", shards);
        tell("a node was killed", begun);
        takeMoreOfEachKey();
        start("c", target);
        useNodes("a", "b", "c");
        await().untilAsserted(() -> assertThat(nodes.get("c").output()).contains("This node has shard"));
        takeMoreOfEachKey();
    }

    /** Node b stands still for longer than its lease, and then finds that others have its shards. */
    private void pauseOne(RecordingTarget target) throws Exception {
        Set<Integer> shards = shardsOf("b");
        nodes.get("b").pause();
        long begun = System.nanoTime();
        useNodes("a", "c");
        awaitDeliveries(target, "b", shards);
        tell("a node stood still", begun);
        takeMoreOfEachKey();
        int before = nodes.get("b").output().length();
        nodes.get("b").wake();
        await().untilAsserted(() -> assertThat(nodes.get("b").output().substring(before))
                .contains("was taken over", "this node writes nothing to it any more"));
        useNodes("a", "b", "c");
        takeMoreOfEachKey();
    }

    private static void tell(String since, long begun) {
        System.out.printf(
                "%.2f s after %s each of its shards delivered again%n", (System.nanoTime() - begun) / 1e9, since);
    }

    private Set<Integer> shardsOf(String name) throws SQLException {
        try (Connection connection = DriverManager.getConnection(TestServer.url());
                PreparedStatement ask =
                        connection.prepareStatement("SELECT id FROM " + schema + ".shard WHERE owner_name = ?")) {
            ask.setString(1, name);
            Set<Integer> shards = new HashSet<>();
            try (ResultSet rows = ask.executeQuery()) {
                while (rows.next()) {
                    shards.add(rows.getInt("id"));
                }
            }
            return shards;
        }
    }

    /** Until other nodes deliver from those of the shards of a node that have deliveries. */
    private void awaitDeliveries(RecordingTarget target, String name, Set<Integer> shards) {
        Set<Integer> busy = shards(target.asked());
        busy.retainAll(shards);
        Map<Integer, Integer> before = new HashMap<>();
        await().pollInterval(Duration.ofMillis(20)).until(() -> {
            Set<Integer> left = shardsOf(name);
            List<Long> asked = target.asked();
            busy.stream()
                    .filter(shard -> !left.contains(shard))
                    .forEach(shard -> before.putIfAbsent(shard, asked.size()));
            return busy.stream()
                    .allMatch(shard -> before.containsKey(shard)
                            && shards(asked.subList(before.get(shard), asked.size()))
                                    .contains(shard));
        });
    }

    private static Set<Integer> shards(List<Long> sequences) {
        return sequences.stream().map(ShardSequence::shardOf).collect(Collectors.toCollection(HashSet::new));
    }

    private void takeMoreOfEachKey() {
        Map<String, Integer> before = source.acknowledgedByKey();
        await().untilAsserted(() -> assertThat(source.acknowledgedByKey())
                .hasSize(KEYS)
                .allSatisfy((key, count) -> assertThat(count).isGreaterThan(before.getOrDefault(key, 0) + 4)));
    }

    private void start(String name, RecordingTarget target) throws IOException {
        Map<String, String> properties = new HashMap<>(Map.of(
                "target.url",
                target.url(),
                "camel.component.ledger.url",
                TestServer.url(),
                "camel.component.ledger.schema",
                schema,
                "serai.shards",
                String.valueOf(SHARDS),
                "serai.node.name",
                name,
                "serai.node.port",
                "0",
                "serai.node.secretFile",
                secret.toString()));
        Path own = Files.createDirectories(folder.resolve(name));
        nodes.put(name, SeraiProcess.run(own, routes, properties));
    }

    private List<String> urls(String path, String... names) {
        List<String> urls = new ArrayList<>();
        for (String name : names) {
            urls.add(nodes.get(name).flowsUrl() + path);
        }
        return urls;
    }
}
