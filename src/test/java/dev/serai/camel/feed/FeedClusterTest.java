package dev.serai.camel.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.serai.ledger.MemoryCluster;
import dev.serai.ledger.delivery.TargetStatus;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.ChangeQuery;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.ShardSequence;
import dev.serai.support.KameletRunner;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two nodes of this process share a ledger, and readers ask any of them. */
class FeedClusterTest {
    private static final String TOKEN = "a test token of a mobile";
    private static final int SHARDS = 4;
    private static final int KEYS = 12;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final MemoryCluster cluster = new MemoryCluster(SHARDS);

    @AutoClose
    private final KameletRunner a = KameletRunner.listeningInCluster(cluster, "a");

    @AutoClose
    private final KameletRunner b = KameletRunner.listeningInCluster(cluster, "b");

    @BeforeEach
    void start() throws Exception {
        String example = Files.readString(Path.of("docs/examples/http-to-feed.camel.yaml"))
                .replace("http-to-feed", "orders");
        for (KameletRunner node : List.of(a, b)) {
            node.with(example, Map.of("orders.secret", "a test key", "orders.mobile.token", TOKEN))
                    .start();
        }
        await().until(() -> shardsOf("a").size() == SHARDS / 2 && shardsOf("b").size() == SHARDS / 2);
    }

    private Set<Integer> shardsOf(String node) {
        Set<Integer> shards = new TreeSet<>();
        IntStream.range(0, SHARDS)
                .filter(shard -> node.equals(cluster.owner(shard)))
                .forEach(shards::add);
        return shards;
    }

    /** Changes of each key, with ids {@code key-number}, which any node passes on. */
    private void accept(int from, int to) {
        for (int number = from; number < to; number++) {
            for (int key = 0; key < KEYS; key++) {
                Change change = new Change(
                        "orders", key + "-" + number, "o" + key, null, Operation.UPSERT, null, Map.of(), new byte[0]);
                KameletRunner node = key % 2 == 0 ? a : b;
                await().ignoreExceptions()
                        .until(() -> node.ledger().accept(change).join() != null);
            }
        }
    }

    private JsonNode read(KameletRunner node, String query) throws Exception {
        HttpResponse<String> answer =
                node.ask(node.request("/feeds/orders/mobile" + query).header("Authorization", "Bearer " + TOKEN));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    private int acknowledge(KameletRunner node, JsonNode answer) throws Exception {
        return node.ask(node.request("/feeds/orders/mobile/ack")
                        .header("Authorization", "Bearer " + TOKEN)
                        .POST(BodyPublishers.ofString("{\"cursor\": " + answer.get("cursor") + "}")))
                .statusCode();
    }

    private static Set<String> ids(JsonNode answer) {
        Set<String> ids = new TreeSet<>();
        answer.get("changes").forEach(change -> ids.add(change.get("id").textValue()));
        return ids;
    }

    private static List<Integer> shards(JsonNode answer) {
        List<Integer> shards = new ArrayList<>();
        answer.get("changes")
                .forEach(change ->
                        shards.add(ShardSequence.shardOf(change.get("sequence").longValue())));
        return shards;
    }

    private static TargetStatus status(KameletRunner node) {
        return node.ledger().flows().get(0).targets().get(0);
    }

    /** Reads until each key's changes were read so far, each for the first time in the order of the key. */
    private void readAll(int to, Map<String, Integer> next, KameletRunner... at) throws Exception {
        for (int i = 0; next.values().stream().mapToInt(n -> n).sum() < KEYS * to; i++) {
            JsonNode answer = read(at[i % at.length], "?wait=5s");
            answer.get("changes").forEach(change -> {
                String[] id = change.get("id").textValue().split("-");
                int number = Integer.parseInt(id[1]);
                int expected = next.getOrDefault(id[0], 0);
                assertThat(number).as("change of key " + id[0]).isLessThanOrEqualTo(expected);
                next.put(id[0], Math.max(expected, number + 1));
            });
            if (!answer.get("cursor").isNull()) {
                assertThat(acknowledge(at[(i + 1) % at.length], answer)).isIn(204, 409);
            }
        }
    }

    @Test
    void allChangesAreReadInTheOrderOfTheirKeysWhicheverNodeIsAsked() throws Exception {
        accept(0, 3);
        readAll(3, new HashMap<>(), a, b);
        await().untilAsserted(() -> assertThat(List.of(a, b))
                .allSatisfy(node -> assertThat(status(node).delivered()).isEqualTo(3 * KEYS)));
        assertThat(read(a, "").get("changes")).isEmpty();
    }

    @Test
    void aReaderThatAlwaysAsksOneNodeGetsAll() throws Exception {
        accept(0, 2);
        readAll(2, new HashMap<>(), b);
    }

    @Test
    void aLongPollEndsWhenAChangeComesAtAnotherNode() throws Exception {
        for (KameletRunner node : List.of(a, b)) {
            CompletableFuture<JsonNode> poll = CompletableFuture.supplyAsync(() -> {
                try {
                    return read(node, "?wait=50s&limit=1");
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            Change change = new Change(
                    "orders", "of " + node.hashCode(), "o1", null, Operation.UPSERT, null, Map.of(), new byte[0]);
            a.ledger().accept(change).join();
            assertThat(acknowledge(node, poll.join())).isEqualTo(204);
        }
    }

    @Test
    void whatANodeThatStopsHadGivenOutIsGivenOutAgainByTheOther() throws Exception {
        accept(0, 1);
        await().until(() -> status(a).delivering() == KEYS);
        Set<Integer> shardsOfB = shardsOf("b");
        JsonNode ofB = read(b, "");
        while (!shardsOfB.containsAll(shards(ofB))) {
            ofB = read(b, "?wait=50s");
        }
        Set<String> expected = ids(ofB);
        b.ledger().leave();
        await().until(() -> shardsOf("a").size() == SHARDS);
        assertThat(acknowledge(a, ofB)).isEqualTo(409);

        Set<String> again = new TreeSet<>();
        while (!again.containsAll(expected)) {
            JsonNode answer = read(a, "?wait=50s");
            again.addAll(ids(answer));
            assertThat(acknowledge(a, answer)).isEqualTo(204);
        }
    }

    @Test
    void whatIsOfAShardThatWasTakenOverIsNotReadAtItsFormerNode() throws Exception {
        accept(0, 1);
        await().until(() -> status(a).delivering() == KEYS);
        int lost = shardsOf("b").iterator().next();
        long inLost = b.ledger().changes(new ChangeQuery("orders", null, null, KEYS)).stream()
                .filter(entry -> ShardSequence.shardOf(entry.sequence()) == lost)
                .count();
        cluster.takeOver(lost, "somebody");
        await().until(() -> status(a).delivering() == KEYS - inLost);
        List<Integer> read = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            read.addAll(shards(read(a, "")));
        }
        assertThat(read).hasSize(KEYS - (int) inLost).doesNotContain(lost);
    }
}
