package dev.serai.camel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.serai.camel.RemoteSide.Answer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;

/** The examples of files and tables, as they are in docs/examples. */
class FileAndSqlExamplesTest {

    @TempDir
    private Path data;

    private final RemoteSide platform = new RemoteSide(asked -> Answer.json("{}"));
    private KameletRunner runner;

    @BeforeEach
    void open() {
        runner = new KameletRunner(data);
    }

    @AfterEach
    void stop() {
        runner.close();
        platform.close();
    }

    private void start(String example, Map<String, String> properties) throws Exception {
        runner.with(Files.readString(Path.of("docs/examples", example)), properties)
                .start();
    }

    private List<String> received(String path) {
        return platform.asked.stream()
                .filter(asked -> asked.path().equals(path))
                .map(asked -> new String(asked.body(), UTF_8))
                .toList();
    }

    @Test
    void rowsOfATableGoToHttp() throws Exception {
        try (HikariDataSource shop = new HikariDataSource()) {
            shop.setJdbcUrl("jdbc:sqlite:" + data.resolve("shop.db"));
            JdbcTemplate db = new JdbcTemplate(shop);
            db.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, updated_at INTEGER)");
            db.execute("INSERT INTO orders VALUES (1, 10), (2, 10)");
            runner.context.getRegistry().bind("shop", shop);
            start("sql-to-http.camel.yaml", Map.of("platform.url", platform.url(""), "shop.interval", "50ms"));

            await().untilAsserted(() -> assertThat(received("/orders"))
                    .containsExactlyInAnyOrder("{\"id\":1,\"updated_at\":10}", "{\"id\":2,\"updated_at\":10}"));
            runner.close();
        }
    }

    @Test
    void recordsOfFilesGoToHttp() throws Exception {
        Path in = Files.createDirectories(data.resolve("in"));
        Files.writeString(in.resolve("a.csv"), "id,note\n1,\"a\nb\"\n");
        start(
                "file-to-http.camel.yaml",
                Map.of("platform.url", platform.url(""), "files.in", in.toString(), "files.interval", "50ms"));

        await().untilAsserted(
                        () -> assertThat(received("/records")).containsExactly("{\"id\":\"1\",\"note\":\"a\\nb\"}"));
    }

    @Test
    void webhooksGoToAFile() throws Exception {
        FlowServer server = FlowServer.start(runner.context, FlowServer.Settings.of("127.0.0.1", 0));
        String secret = "test-key-of-this-example";
        Path out = data.resolve("out");
        start("http-to-file.camel.yaml", Map.of("events.secret", secret, "files.out", out.toString()));
        String body = "{\"id\":\"e1\",\"key\":\"k\"}";
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/hooks/events"))
                .header("Content-Type", "application/json")
                .header("X-Signature", "sha256=" + HexFormat.of().formatHex(mac.doFinal(body.getBytes(UTF_8))))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        assertThat(HttpClient.newHttpClient()
                        .send(request, BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(202);

        await().untilAsserted(() -> assertThat(lines(out)).containsExactly(body));
    }

    private static List<String> lines(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> found = files.toList();
            assertThat(found).hasSize(1);
            return Files.readAllLines(found.get(0));
        }
    }
}
