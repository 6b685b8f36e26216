package dev.serai.reconcile;

import static dev.serai.reconcile.BillPeer.payment;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.support.Patience;
import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import dev.serai.support.RemoteSide.Asked;
import dev.serai.support.SeraiProcess;
import dev.serai.text.ExactJson;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills the real process in the middle of what reconciliation does. */
@Tag("long")
class ReconcileCrashIT {
    private static final int KEYS = 20_000;
    private static final int AT_ONCE = 1_000;
    /** These are delivered, and their outcome is not noted, when the process is killed. */
    private static final int UNDER_WAY_MAX = 100;

    private static final String RUNNING = "running";
    private static final String LISTING =
            "key: .key\npage: { url: '%1$s?page={page}', records: .orders }\n" + "read: { url: '%1$s/{key}' }\n";
    private static final String ROUTES = """
        - route:
            id: orders-in
            from:
              uri: kamelet:webhook-source
              parameters: { path: /hooks/orders, scheme: none }
              steps:
                - to:
                    uri: ledger:orders
                    parameters: { batch: true, id: "${jq(.id)}", key: "${jq(.key)}" }
        - route:
            id: orders-out
            from:
              uri: ledger:orders
              parameters: { target: shop, concurrency: 64 }
              steps:
                - to: { uri: "kamelet:http-sink", parameters: { url: "{{target.url}}" } }
        """;

    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    private final RemoteSide shop = new RemoteSide(this::answer);
    /** What the source has, if it is compared. */
    private final NavigableMap<String, JsonNode> sourceHas = new ConcurrentSkipListMap<>();
    /** What the target has. */
    private final NavigableMap<String, JsonNode> has = new ConcurrentSkipListMap<>();
    /** The newest state of each key that it was ever given. */
    private final Map<String, Integer> newest = new ConcurrentHashMap<>();
    /** The keys that it was given, since it lost something. */
    private final List<String> taken = new CopyOnWriteArrayList<>();
    /** The keys of which it was given an older state after a newer one. */
    private final List<String> overtaken = new CopyOnWriteArrayList<>();

    private Path routes;
    private SeraiProcess serai;

    @BeforeEach
    void write() throws IOException {
        routes = Files.createDirectories(folder.resolve("routes"));
        Files.writeString(routes.resolve("orders.camel.yaml"), ROUTES);
    }

    @AfterEach
    void stop() {
        if (serai != null) {
            serai.close();
        }
        shop.close();
    }

    // ---- The target

    private Answer answer(Asked asked) {
        try {
            if (asked.method().equals("POST")) {
                JsonNode state = ExactJson.MAPPER.readTree(asked.body());
                String key = state.path("key").textValue();
                int version = state.path("v").intValue();
                if (newest.merge(key, version, Math::max) > version) {
                    overtaken.add(key);
                }
                has.put(key, state);
                taken.add(key);
                return Answer.json("{}");
            }
            boolean isOfSource = asked.path().startsWith("/source");
            NavigableMap<String, JsonNode> records = isOfSource ? sourceHas : has;
            String key = asked.path().substring(asked.path().lastIndexOf('/') + 1);
            if (!key.equals("orders") && !key.equals("source")) {
                JsonNode state = records.get(key);
                return state == null ? Answer.status(404) : Answer.json(state.toString());
            }
            ObjectNode page = ExactJson.MAPPER.createObjectNode();
            int number = Integer.parseInt(asked.parameter("page"));
            records.values().stream()
                    .skip((number - 1L) * AT_ONCE)
                    .limit(AT_ONCE)
                    .forEach(page.putArray("orders")::add);
            return Answer.json(page.toString());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    // ---- The node

    private void run() {
        serai = SeraiProcess.run(folder, routes, Map.of("target.url", shop.url("/orders")));
    }

    private void killAndRun() throws InterruptedException {
        serai.kill();
        run();
    }

    private void killWhen(BooleanSupplier moment) throws InterruptedException {
        await().atMost(Patience.MAX).pollInterval(Duration.ofMillis(5)).until(moment::getAsBoolean);
        killAndRun();
    }

    private void reconcile(String more) throws IOException {
        String file = "flow: orders\ntarget: shop\nlag: 1s\n" + LISTING.formatted(shop.url("/orders")) + more;
        Files.writeString(routes.resolve("orders.reconcile.yaml"), file);
    }

    private HttpResponse<String> ask(String method, String path, String body) {
        try {
            String token = Files.readString(folder.resolve("data/admin.token")).strip();
            return client.send(
                    HttpRequest.newBuilder(URI.create(serai.adminUrl() + path))
                            .header("Authorization", "Bearer " + token)
                            .header("Content-Type", "application/json")
                            .method(method, HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private JsonNode report(String path) {
        return ReconcileStage.json(ask("GET", path, "").body());
    }

    private JsonNode report() {
        return report("/api/reconcile/orders");
    }

    /** Begins a run as soon as the books are open and no other is under way. */
    private void begin(String path, String request) {
        await().atMost(Patience.MAX).until(() -> ask("POST", path, request).statusCode() == 202);
    }

    private JsonNode end(String path) {
        await().atMost(Patience.MAX.multipliedBy(3))
                .until(() -> report(path).hasNonNull("state")
                        && !report(path).path("state").asText().equals(RUNNING));
        return report(path);
    }

    private JsonNode compared() {
        begin("/api/reconcile/orders", "{}");
        return end("/api/reconcile/orders");
    }

    private static String key(int number) {
        return String.format("k%05d", number);
    }

    /** Sends a state of each key, and waits until the target has all of them. */
    private void send(int from, int to, int version, IntUnaryOperator amount) {
        send(from, to, version, amount, "2026-11-20 10:34:56");
    }

    private void send(int from, int to, int version, IntUnaryOperator amount, String at) {
        for (int first = from; first < to; first += AT_ONCE) {
            ArrayNode states = ExactJson.MAPPER.createArrayNode();
            IntStream.range(first, Math.min(to, first + AT_ONCE)).forEach(i -> states.addObject()
                    .put("id", key(i) + "-" + version)
                    .put("key", key(i))
                    .put("v", version)
                    .put("amount", amount.applyAsInt(i))
                    .put("status", "SUCCESS")
                    .put("at", at));
            HttpRequest request = HttpRequest.newBuilder(URI.create(serai.flowsUrl() + "/hooks/orders"))
                    .POST(HttpRequest.BodyPublishers.ofByteArray(
                            states.toString().getBytes(StandardCharsets.UTF_8)))
                    .build();
            await().atMost(Patience.MAX)
                    .until(() -> client.send(request, HttpResponse.BodyHandlers.discarding())
                                            .statusCode()
                                    / 100
                            == 2);
        }
        await().atMost(Patience.MAX)
                .until(() -> IntStream.range(from, to).allMatch(i -> newest.getOrDefault(key(i), 0) >= version));
    }

    private static JsonNode counts(JsonNode report) {
        ObjectNode counts = ExactJson.MAPPER.createObjectNode();
        for (String name : List.of("state", "keys", "equal", "missing", "stale", "extra", "differs", "pending")) {
            counts.set(name, report.path(name));
        }
        return counts;
    }

    private static JsonNode allEqual() {
        return ReconcileStage.json("{\"state\":\"done\",\"keys\":" + KEYS + ",\"equal\":" + KEYS
                + ",\"missing\":0,\"stale\":0,\"extra\":0,\"differs\":0,\"pending\":0}");
    }

    // ---- Tests

    @Test
    void aRepairThatIsKilledGoesOnAndDeliversNothingTwiceAndNothingOlder() throws Exception {
        reconcile("");
        run();
        send(0, KEYS, 1, i -> 100);
        send(0, 5_000, 2, i -> 200);
        IntStream.range(0, 1_000)
                .forEach(i -> has.put(
                        key(i), ReconcileStage.json(has.get(key(i)).toString().replace("\"v\":2", "\"v\":1"))));
        IntStream.range(10_000, 11_000).forEach(i -> has.remove(key(i)));
        taken.clear();

        begin("/api/reconcile/orders", "{\"repair\":true,\"limit\":100000,\"rate\":2000}");
        killAndRun(); // as soon as it was accepted
        assertThat(List.of(RUNNING, "done"))
                .contains(awaitReport().path("state").asText());
        killWhen(() -> taken.size() > 200);
        send(500, 1_500, 3, i -> 300); // newer states of keys that are to be repaired, and of others
        killWhen(() -> taken.size() > 2_000);
        JsonNode repaired = end("/api/reconcile/orders");

        assertThat(repaired.path("state").asText()).as(repaired.toString()).isEqualTo("done");
        assertThat(overtaken).isEmpty();
        assertThat(taken).as("repaired and new").hasSizeBetween(2_500, 3_000 + 2 * UNDER_WAY_MAX);
        assertThat(counts(compared())).isEqualTo(allEqual());
    }

    @Test
    void aRepairOfTheSourceThatIsKilledAcceptsEachLostPushOnce() throws Exception {
        int pushed = 1_000;
        int lost = 2_000;
        reconcile("state: '{key, v}'\nsource:\n  key: .key\n  version: .v\n"
                + "  page: { url: '%1$s?page={page}', records: .orders }\n  read: { url: '%1$s/{key}' }\n"
                        .formatted(shop.url("/source")));
        run();
        send(0, pushed, 1, i -> 100);
        sourceHas.putAll(has);
        IntStream.range(pushed, pushed + lost)
                .forEach(i -> sourceHas.put(
                        key(i), ReconcileStage.json("{\"key\":\"" + key(i) + "\",\"v\":1,\"amount\":100}")));
        long before = accepted();

        begin("/api/reconcile/orders", "{\"repair\":true,\"limit\":100000,\"rate\":500}");
        killWhen(() -> accepted() > before + 200);
        killWhen(() -> accepted() > before + 1_000);
        JsonNode source = end("/api/reconcile/orders").path("source");

        assertThat(source.path("state").asText()).as(source.toString()).isEqualTo("done");
        assertThat(source.path("missing").asInt()).isEqualTo(lost);
        assertThat(source.path("repaired").asInt()).isEqualTo(lost);
        assertThat(accepted()).as("each once").isEqualTo(before + lost);
        await().atMost(Patience.MAX).until(() -> has.size() == pushed + lost);
    }

    /** How many changes the flow has accepted; a negative number while nobody answers. */
    private long accepted() {
        try {
            return report("/api/flows").path(0).path("accepted").asLong(-1);
        } catch (IllegalStateException e) {
            return -1;
        }
    }

    private JsonNode awaitReport() {
        await().atMost(Patience.MAX).until(() -> report().hasNonNull("state"));
        return report();
    }

    @Test
    void aBookWhoseMakingIsKilledIsMadeOfTheWholeLog() throws Exception {
        run();
        send(0, KEYS, 1, i -> 100);
        reconcile("");
        for (int kill = 0; kill < 2; kill++) {
            begin("/api/reconcile/orders", "{}");
            killAndRun();
        }
        JsonNode found = end("/api/reconcile/orders");

        assertThat(counts(found)).as(found.toString()).isEqualTo(allEqual());
        assertThat(found.path("complete").asBoolean()).isTrue();
    }

    private LocalDate newestDay() {
        await().atMost(Patience.MAX)
                .until(() -> report("/api/bills/orders/newest").hasNonNull("day"));
        return LocalDate.parse(report("/api/bills/orders/newest").path("day").textValue());
    }

    @Test
    void aDayOfABillWhoseComparisonIsKilledIsComparedAgain() throws Exception {
        try (BillPeer weChatPay = new BillPeer()) {
            reconcile(weChatPay.block().replace("id: .id", "id: .key"));
            run();
            LocalDate day = newestDay();
            IntStream.range(0, 2_000).forEach(i -> weChatPay.add(day, payment(key(i), "1.00")));
            send(0, 2_000, 1, i -> 100, day + " 10:34:56");
            has.remove(key(7));
            String path = "/api/bills/orders/" + day;

            begin(path, "{\"repair\":true}");
            killWhen(() -> shop.asked.stream()
                            .filter(one -> one.method().equals("GET"))
                            .count()
                    > 500);
            JsonNode found = end(path);

            assertThat(found.path("state").asText()).as(found.toString()).isEqualTo("done");
            assertThat(found.path("repaired").asLong()).isEqualTo(1);
            assertThat(found.path("matched").asLong()).isEqualTo(2_000);
            assertThat(has).containsKey(key(7));
            assertThat(overtaken).isEmpty();
        }
    }
}
