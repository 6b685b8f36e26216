package dev.serai.camel.feed;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.serai.camel.TargetWaits;
import dev.serai.ledger.delivery.TargetStatus;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.ShardSequence;
import dev.serai.ledger.model.TargetName;
import dev.serai.support.KameletRunner;
import dev.serai.support.Patience;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A target that pulls, with the example that docs/targets.md links. */
class FeedTest {
    private static final String TOKEN = "a test token of a mobile";
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    @TempDir
    private Path data;

    @AutoClose
    private final KameletRunner runner = KameletRunner.listening(() -> data);

    private final HttpClient client = HttpClient.newHttpClient();

    private void start(String options) throws Exception {
        String example = Files.readString(Path.of("docs/examples/http-to-feed.camel.yaml"))
                .replace("http-to-feed", "orders");
        runner.with(
                        example.replace("\"{{orders.mobile.token}}\"", "\"{{orders.mobile.token}}\"" + options),
                        Map.of("orders.secret", "a test key", "orders.mobile.token", TOKEN))
                .start();
    }

    private void accept(String id, String key) {
        byte[] body = ("{\"event\": \"" + id + "\", \"amount\": 1.50}").getBytes(UTF_8);
        runner.ledger()
                .accept(new Change("orders", id, key, null, Operation.UPSERT, "application/json", Map.of(), body))
                .join();
    }

    private HttpRequest.Builder request(String path, String token) {
        return runner.request(path).header("Authorization", "Bearer " + token);
    }

    private HttpResponse<String> get(String query) throws Exception {
        return runner.ask(request("/feeds/orders/mobile" + query, TOKEN));
    }

    /** The answer to a reader that waits. */
    private JsonNode read(String query) throws Exception {
        HttpResponse<String> answer = get(query);
        assertThat(answer.statusCode()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    private int acknowledge(String body) throws Exception {
        return runner.ask(request("/feeds/orders/mobile/ack", TOKEN).POST(BodyPublishers.ofString(body)))
                .statusCode();
    }

    private int acknowledge(JsonNode answer) throws Exception {
        return acknowledge("{\"cursor\": " + answer.get("cursor") + "}");
    }

    private static List<String> ids(JsonNode answer) {
        List<String> ids = new ArrayList<>();
        answer.get("changes").forEach(change -> ids.add(change.get("id").textValue()));
        return ids;
    }

    private TargetStatus status() {
        return runner.ledger().flows().get(0).targets().get(0);
    }

    @Test
    void anAcknowledgedChangeIsDelivered() throws Exception {
        start("");
        accept("e1", "o1");

        JsonNode answer = read("?wait=50s");

        JsonNode change = answer.get("changes").get(0);
        assertThat(change.get("id").textValue()).isEqualTo("e1");
        assertThat(change.get("key").textValue()).isEqualTo("o1");
        assertThat(change.get("operation").textValue()).isEqualTo("upsert");
        assertThat(change.get("body").get("amount").decimalValue()).hasToString("1.50");
        assertThat(status().delivered()).isZero();
        assertThat(acknowledge(answer)).isEqualTo(204);
        await().until(() -> status().delivered() == 1);
        assertThat(acknowledge(answer)).isEqualTo(204);
        assertThat(read("").get("changes")).isEmpty();
        assertThat(read("").get("cursor").isNull()).isTrue();
    }

    @Test
    void oneCursorStandsForTheChangesOfAllShards() throws Exception {
        String example = Files.readString(Path.of("docs/examples/http-to-feed.camel.yaml"))
                .replace("http-to-feed", "orders");
        try (KameletRunner shards = KameletRunner.listeningOverShards(3)) {
            shards.with(example, Map.of("orders.secret", "a test key", "orders.mobile.token", TOKEN))
                    .start();
            for (int i = 0; i < 12; i++) {
                shards.ledger()
                        .accept(new Change(
                                "orders", "e" + i, "o" + i, null, Operation.UPSERT, null, Map.of(), new byte[0]))
                        .join();
            }
            Supplier<TargetStatus> mobile =
                    () -> shards.ledger().flows().get(0).targets().get(0);
            await().until(() -> mobile.get().delivering() == 12);
            JsonNode answer = JSON.readTree(shards.ask(
                            shards.request("/feeds/orders/mobile?wait=50s").header("Authorization", "Bearer " + TOKEN))
                    .body());
            assertThat(ids(answer)).hasSize(12);
            Set<Integer> seen = new HashSet<>();
            answer.get("changes")
                    .forEach(change -> seen.add(
                            ShardSequence.shardOf(change.get("sequence").longValue())));
            assertThat(seen).as("shards").hasSize(3);

            shards.ask(shards.request("/feeds/orders/mobile/ack")
                    .header("Authorization", "Bearer " + TOKEN)
                    .POST(BodyPublishers.ofString("{\"cursor\": " + answer.get("cursor") + "}")));

            await().until(() -> mobile.get().delivered() == 12);
        }
    }

    @Test
    void aLongPollReturnsWhenAChangeArrives() throws Exception {
        start("");
        CompletableFuture<HttpResponse<String>> poll =
                client.sendAsync(request("/feeds/orders/mobile?wait=50s", TOKEN).build(), BodyHandlers.ofString());
        await().during(Duration.ofMillis(200)).until(() -> !poll.isDone());
        accept("e1", "o1");

        assertThat(ids(JSON.readTree(poll.join().body()))).containsExactly("e1");
    }

    @Test
    void aLongPollEndsEmptyWithoutAChange() throws Exception {
        start("");

        assertThat(read("?wait=100ms").get("changes")).isEmpty();
        accept("e1", "o1");
        assertThat(ids(read("?wait=50s"))).containsExactly("e1");
    }

    @Test
    void aChangeThatIsNotAcknowledgedInTimeIsDeliveredAgain() throws Exception {
        start(", ackTimeout: 300ms");
        accept("e1", "o1");
        JsonNode first = read("?wait=50s");
        JsonNode again = read("?wait=50s");

        assertThat(ids(again)).containsExactly("e1");
        assertThat(again.get("cursor")).isNotEqualTo(first.get("cursor"));
        assertThat(TargetWaits.of(runner.context).of(new TargetName("orders", "mobile")))
                .as("what status says")
                .contains("and did not acknowledge them");
        assertThat(acknowledge(first)).isEqualTo(409);
        assertThat(status().dead()).isZero();
    }

    @Test
    void aKeyIsReadInOrderOneChangeAtATime() throws Exception {
        start("");
        for (int i = 1; i <= 3; i++) {
            accept("a" + i, "a");
            accept("b" + i, "b");
        }
        List<String> read = new ArrayList<>();
        while (read.size() < 6) {
            JsonNode answer = read("?wait=50s&limit=10");
            List<String> ids = ids(answer);
            assertThat(ids.stream().map(id -> id.substring(0, 1))).doesNotHaveDuplicates();
            read.addAll(ids);
            assertThat(acknowledge(answer)).isEqualTo(204);
        }

        assertThat(read.stream().filter(id -> id.startsWith("a"))).containsExactly("a1", "a2", "a3");
        assertThat(read.stream().filter(id -> id.startsWith("b"))).containsExactly("b1", "b2", "b3");
    }

    @Test
    void severalReadersShareTheFeed() throws Exception {
        start("");
        for (int i = 0; i < 100; i++) {
            accept("e" + i, "o" + i);
        }
        await().until(() -> status().delivering() == 100);
        List<String> all = new ArrayList<>(ids(read("?limit=60")));
        assertThat(all).hasSize(60);
        all.addAll(ids(read("?limit=60")));

        assertThat(all).hasSize(100).doesNotHaveDuplicates();
        assertThat(read("?limit=60").get("changes")).isEmpty();
    }

    @Test
    void aStreamSendsEachChangeAndContinuesAfterAcknowledgements() throws Exception {
        start("");
        HttpRequest stream = request("/feeds/orders/mobile?limit=2", TOKEN)
                .header("Accept", "text/event-stream")
                .build();
        HttpResponse<InputStream> answer = client.send(stream, BodyHandlers.ofInputStream());
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("text/event-stream");
        for (int i = 1; i <= 5; i++) {
            accept("e" + i, "o" + i);
        }
        List<String> got = new ArrayList<>();
        try (Scanner lines = new Scanner(answer.body(), UTF_8)) {
            String cursor = "";
            while (got.size() < 5) {
                String line = lines.nextLine();
                if (line.startsWith("id: ")) {
                    cursor = line.substring(4);
                } else if (line.startsWith("data: ")) {
                    got.add(JSON.readTree(line.substring(6)).get("id").textValue());
                    assertThat(acknowledge("{\"cursor\": \"" + cursor + "\"}")).isEqualTo(204);
                }
            }
        }

        assertThat(got).containsExactlyInAnyOrder("e1", "e2", "e3", "e4", "e5");
        await().until(() -> status().delivered() == 5);
    }

    @Test
    void unacknowledgedChangesOfAStreamAreAvailableAfterItEnds() throws Exception {
        start("");
        accept("e1", "o1");
        HttpRequest stream = request("/feeds/orders/mobile", TOKEN)
                .header("Accept", "text/event-stream")
                .build();
        HttpResponse<InputStream> answer = HttpClient.newHttpClient().send(stream, BodyHandlers.ofInputStream());
        try (InputStream body = answer.body()) {
            Scanner lines = new Scanner(body, UTF_8);
            String line = lines.nextLine();
            while (!line.startsWith("data: ")) {
                line = lines.nextLine();
            }
        }

        assertThat(ids(read("?wait=50s"))).containsExactly("e1");
    }

    @Test
    void aStreamEndsInOrderWhenTheNodeStops() throws Exception {
        start("");
        HttpRequest stream = request("/feeds/orders/mobile", TOKEN)
                .header("Accept", "text/event-stream")
                .build();
        HttpResponse<InputStream> answer = client.send(stream, BodyHandlers.ofInputStream());
        try (Scanner lines = new Scanner(answer.body(), UTF_8)) {
            assertThat(lines.nextLine()).isEqualTo(": feed");

            runner.server().drain();

            while (lines.hasNextLine()) {
                assertThat(lines.nextLine()).matches(":?");
            }
            assertThat(lines.ioException()).isNull();
        }
    }

    @Test
    void readersWithoutTheTokenAreRefused() throws Exception {
        start("");
        accept("e1", "o1");
        for (String token : List.of("", "another", TOKEN + "x", "a test key")) {
            HttpResponse<String> answer = runner.ask(request("/feeds/orders/mobile", token));
            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
            assertThat(answer.headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
            assertThat(answer.body()).doesNotContain(TOKEN);
        }
        assertThat(acknowledge("{\"cursor\": \"orders/other~1\"}")).isEqualTo(400);
        assertThat(acknowledge("{\"cursor\": \"orders/mobile~1\"}")).isEqualTo(409);
        assertThat(acknowledge("{\"cursor\": 7}")).isEqualTo(400);
        assertThat(acknowledge("no json")).isEqualTo(400);
        assertThat(acknowledge("x".repeat(20_000))).isEqualTo(413);
        for (String query : List.of("?limit=0", "?limit=x", "?limit=1001", "?wait=x", "?wait=2m", "?wait=-1s")) {
            assertThat(get(query).statusCode()).as(query).isEqualTo(400);
        }
        assertThat(ids(read("?wait=50s"))).containsExactly("e1");
    }

    @Test
    void stoppingTheRouteDoesNotWaitForReadersAndTheChangeIsDeliveredAgain() throws Exception {
        start("");
        accept("e1", "o1");
        JsonNode before = read("?wait=50s");
        boolean cameToRest = runner.context
                .getRouteController()
                .stopRoute("orders-out", Patience.MAX_MILLIS, TimeUnit.MILLISECONDS, true);
        assertThat(cameToRest).isTrue();
        assertThat(acknowledge(before)).isEqualTo(204);
        runner.context.getRouteController().startRoute("orders-out");

        JsonNode again = read("?wait=50s");
        assertThat(ids(again)).containsExactly("e1");
        assertThat(again.get("changes").get(0).get("attempt").intValue()).isEqualTo(1);
        assertThat(acknowledge(again)).isEqualTo(204);
        await().until(() -> runner
                .ledger()
                .deliveries(runner.ledger().change("orders", 1).orElseThrow())
                .stream()
                .allMatch(delivery -> delivery.state() == DeliveryState.DELIVERED));
        assertThat(runner.ledger().attempts(1)).isEmpty();
    }

    @Test
    void aFeedNeedsANameAndAToken() {
        assertThatThrownBy(() -> runner.context.getEndpoint("feed:orders?token=0123456789abcdef"))
                .rootCause()
                .hasMessageContaining("feed:FLOW/TARGET");
        assertThatThrownBy(() -> runner.context.getEndpoint("feed:orders/mobile?token=short"))
                .rootCause()
                .hasMessageContaining("at least 16 characters");
    }
}
