package dev.serai.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.ledger.model.ShardSequence;
import dev.serai.support.OrderRoutes;
import dev.serai.support.RecordingTarget;
import dev.serai.support.SeraiProcess;
import dev.serai.text.ExactJson;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hot reload while one of several databases is away. */
class ReloadWhileAwayIT {
    private static final int SHARDS = 4;

    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    private SeraiProcess node;
    private int sent;

    @Test
    void theNewRoutesGoOnInTheOtherShardsAndInAllWhenTheDatabaseIsBack() throws Exception {
        Path routes = Files.writeString(folder.resolve("orders.camel.yaml"), OrderRoutes.TO_SHOP);
        try (RecordingTarget target = new RecordingTarget(1);
                CutProxy proxy = new CutProxy(TestServer.port())) {
            String cut = TestServer.secondUrl().replace(":" + TestServer.port() + "/", ":" + proxy.port() + "/");
            node = SeraiProcess.run(
                    folder,
                    routes,
                    Map.of(
                            "target.url",
                            target.url(),
                            "camel.component.ledger.url",
                            TestServer.url() + " " + cut,
                            "camel.component.ledger.schema",
                            TestServer.newSchema(),
                            "serai.shards",
                            "" + SHARDS));
            try {
                Map<Integer, String> keys = new TreeMap<>(); // one of each shard
                for (int i = 0; keys.size() < SHARDS; i++) {
                    String key = "key " + i;
                    keys.put(post(key), key);
                }
                proxy.refuse(true);
                await().until(() -> post(keys.get(SHARDS - 1)) < 0);

                Files.writeString(routes, OrderRoutes.TO_SHOP.replace("{{target.url}}/orders", "{{target.url}}/moved"));
                await().untilAsserted(() -> assertThat(node.output()).contains("reloaded " + routes));
                assertThat(node.output()).doesNotContain("restart the node", "old routes continue");
                expectDelivered(target, keys.get(0));
                expectDelivered(target, keys.get(1));
                assertThat(target.paths()).contains("/moved");
                JsonNode status = status();
                assertThat(status.path("ok").asBoolean()).isFalse();
                assertThat(status.path("ledger").path("unread")).singleElement().satisfies(one -> {
                    assertThat(one.path("first").asInt()).isEqualTo(2);
                    assertThat(one.path("last").asInt()).isEqualTo(3);
                });

                proxy.refuse(false);
                int before = target.paths().size();
                expectDelivered(target, keys.get(2));
                expectDelivered(target, keys.get(3));
                assertThat(target.paths().subList(before, target.paths().size()))
                        .containsOnly("/moved");
                await().until(() -> status().path("ledger").path("unread").isEmpty());
                assertThat(node.terminate()).as(node.output()).isZero();
            } finally {
                node.close();
            }
        }
    }

    private void expectDelivered(RecordingTarget target, String key) {
        await().until(() -> post(key) >= 0);
        String id = "id " + sent;
        await().until(() -> target.has(id));
    }

    /** Returns the shard that has it, or -1 if it was not accepted. */
    private int post(String key) throws Exception {
        String order = "{\"id\":\"id %d\",\"key\":\"%s\"}".formatted(++sent, key);
        HttpResponse<String> answer = client.send(
                HttpRequest.newBuilder(URI.create(node.flowsUrl() + "/hooks/orders"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(order))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        return answer.statusCode() == 202
                ? ShardSequence.shardOf(ExactJson.MAPPER
                        .readTree(answer.body())
                        .path("sequence")
                        .asLong())
                : -1;
    }

    private JsonNode status() throws Exception {
        String token =
                Files.readString(folder.resolve("data").resolve("admin.token")).strip();
        HttpRequest request = HttpRequest.newBuilder(URI.create(node.adminUrl() + "/api/status"))
                .header("Authorization", "Bearer " + token)
                .build();
        return ExactJson.MAPPER.readTree(
                client.send(request, HttpResponse.BodyHandlers.ofString()).body());
    }
}
