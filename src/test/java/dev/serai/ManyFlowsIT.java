package dev.serai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.serai.support.Patience;
import dev.serai.support.RefusingPort;
import dev.serai.support.SeraiProcess;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node with very many flows. */
@Tag("long")
class ManyFlowsIT {
    /** As many as the node is made for are run with {@code -Pmany}. */
    private static final int FLOWS = Integer.getInteger("serai.many.flows", 30);

    @TempDir
    Path folder;

    private final HttpClient http = HttpClient.newHttpClient();

    private Path routes() throws Exception {
        StringBuilder routes = new StringBuilder();
        for (int i = 0; i < FLOWS; i++) {
            routes.append("""
                    - route:
                        id: in-%1$d
                        from:
                          uri: kamelet:webhook-source
                          parameters: { path: /hook/%1$d }
                          steps:
                            - to: { uri: "ledger:flow-%1$d", parameters: { id: "${jq(.id)}", key: "${jq(.key)}" } }
                    - route:
                        id: out-%1$d
                        from:
                          uri: ledger:flow-%1$d
                          parameters: { target: sink }
                          steps:
                            - to: { uri: "kamelet:http-sink", parameters: { url: "{{many.target}}/%1$d" } }
                    """.formatted(i));
        }
        return Files.writeString(folder.resolve("many.camel.yaml"), routes);
    }

    @Test
    void veryManyFlowsStartAndTheStatusNamesTheOneInTroubleFirst() throws Exception {
        Path routes = routes();
        try (RefusingPort target = new RefusingPort()) {
            Map<String, String> properties = Map.of("many.target", "http://127.0.0.1:" + target.number());
            try (SeraiProcess check = SeraiProcess.start(
                    folder,
                    List.of(
                            "check",
                            "--routes",
                            routes.toString(),
                            "--data",
                            folder.resolve("data").toString(),
                            "-p",
                            "many.target=" + properties.get("many.target")))) {
                assertThat(check.exitCode()).as(check.output()).isZero();
                assertThat(check.output()).contains("flow-" + (FLOWS - 1));
            }
            try (SeraiProcess serai = SeraiProcess.run(folder, routes, properties)) {
                int troubled = FLOWS / 2;
                push(serai, troubled);

                await().atMost(Patience.MAX)
                        .until(() ->
                                !targets(serai).get(0).path("state").asText().equals("ok"));
                JsonNode targets = targets(serai);
                assertThat(targets.get(0).path("flow").asText()).isEqualTo("flow-" + troubled);
                assertThat(targets).hasSize(FLOWS);
                Set<String> others = new HashSet<>();
                targets.forEach(one -> others.add(one.path("state").asText()));
                assertThat(others).hasSize(2).contains("ok");
                assertThat(serai.terminate()).isZero();
            }
        }
    }

    private JsonNode targets(SeraiProcess serai) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(serai.adminUrl() + "/api/status"))
                .header(
                        "Authorization",
                        "Bearer "
                                + Files.readString(folder.resolve("data/admin.token"))
                                        .strip())
                .build();
        return new JsonMapper()
                .readTree(http.send(request, BodyHandlers.ofString()).body())
                .path("targets");
    }

    private void push(SeraiProcess serai, int flow) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(serai.flowsUrl() + "/hook/" + flow))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"id\":\"1\",\"key\":\"a\"}"))
                .build();
        assertThat(http.send(request, BodyHandlers.discarding()).statusCode()).isEqualTo(202);
    }
}
