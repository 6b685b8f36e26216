package dev.serai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.support.NpmPackages;
import dev.serai.support.Patience;
import dev.serai.support.RecordingTarget;
import dev.serai.support.RecordingTarget.Arrival;
import dev.serai.support.SeraiProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sends real data from others through the real process and compares both sides record by record. */
@Tag("long")
class RealInputIT {
    private static final int REPEATED_EVERY = 5;
    private static final int ONE_MOVIE_OF = Integer.getInteger("serai.realInput.oneMovieOf", 4);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SECRET = "a test key of RealInputIT, good for nothing else";

    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newHttpClient();

    private record Event(String name, String delivery, String body) {
        boolean isLike(Event other) {
            return name.equals(other.name) && body.equals(other.body);
        }
    }

    @Test
    void everyGithubPayloadArrivesAsItWasSentAndInTheOrderOfItsRepository() throws Exception {
        Path routes = Files.writeString(folder.resolve("github.camel.yaml"), """
                - route:
                    id: github-in
                    from:
                      uri: kamelet:webhook-source
                      parameters: { path: /hooks/github, scheme: github, secret: "{{github.secret}}" }
                      steps:
                        - setProperty:
                            name: repository
                            expression: { jq: { expression: '.repository.full_name // .organization.login // .sender.login // "none"' } }
                        - to:
                            uri: ledger:github
                            parameters: { id: "${header.CamelLedgerId}", key: "${exchangeProperty.repository}" }
                - route:
                    id: github-out
                    from:
                      uri: ledger:github
                      parameters: { target: archive }
                      steps:
                        - to: { uri: "kamelet:http-sink", parameters: { url: "{{target.url}}/events" } }
                """);
        List<Event> events = githubEvents();
        try (RecordingTarget target = new RecordingTarget(1);
                SeraiProcess serai = SeraiProcess.run(folder, routes, properties(target.url()))) {
            String hook = serai.flowsUrl() + "/hooks/github";
            Map<String, Event> accepted = new LinkedHashMap<>(); // by id, which is that of the event's name and body
            for (Event event : events) {
                HttpResponse<String> answer = push(hook, event, sign(event.body()));
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
                JsonNode receipt = JSON.readTree(answer.body());
                Event before = accepted.putIfAbsent(receipt.path("id").asText(), event);
                assertThat(receipt.path("duplicate").asBoolean()).isEqualTo(before != null);
                assertThat(before == null || before.isLike(event)).isTrue();
            }
            assertThat(accepted).hasSizeGreaterThan(events.size() / 2);
            Awaitility.await().until(() -> target.firsts().size() == accepted.size());
            for (int i = 0; i < events.size(); i += REPEATED_EVERY) {
                Event event = events.get(i);
                HttpResponse<String> answer = push(hook, event, sign(event.body()));
                assertThat(answer.statusCode()).isEqualTo(202);
                assertThat(answer.body()).contains("\"duplicate\":true");
            }
            Event forged = new Event("push", "forged", "{\"forged\":true}");
            assertThat(push(hook, forged, sign("something else")).statusCode()).isEqualTo(401);

            expectSame(accepted, target);
            assertThat(serai.terminate()).as(serai.output()).isZero();
            assertThat(target.firsts()).hasSize(accepted.size());
        }
    }

    /** @param accepted by id, in the order in which they were sent */
    private static void expectSame(Map<String, Event> accepted, RecordingTarget target) throws IOException {
        Map<String, List<String>> sentByKey = new TreeMap<>();
        for (Map.Entry<String, Event> event : accepted.entrySet()) {
            sentByKey
                    .computeIfAbsent(key(JSON.readTree(event.getValue().body())), key -> new ArrayList<>())
                    .add(event.getKey());
        }
        Map<String, List<String>> arrivedByKey = new TreeMap<>();
        for (Arrival arrival : target.firsts()) {
            assertThat(arrival.body())
                    .isEqualTo(
                            Objects.requireNonNull(accepted.get(arrival.id())).body());
            arrivedByKey
                    .computeIfAbsent(arrival.key(), key -> new ArrayList<>())
                    .add(arrival.id());
        }
        assertThat(arrivedByKey).isEqualTo(sentByKey);
        assertThat(target.contradictions()).isEmpty();
    }

    private static String key(JsonNode event) {
        for (String pointer : List.of("/repository/full_name", "/organization/login", "/sender/login")) {
            JsonNode found = event.at(pointer);
            if (found.isTextual()) {
                return found.asText();
            }
        }
        return "none";
    }

    private static List<Event> githubEvents() throws IOException, InterruptedException {
        List<Event> events = new ArrayList<>();
        Optional<Path> packages = NpmPackages.install();
        if (packages.isPresent()) {
            Path index = packages.get().resolve("@octokit/webhooks-examples/api.github.com/index.json");
            for (JsonNode kind : JSON.readTree(index.toFile())) {
                for (JsonNode example : kind.path("examples")) {
                    events.add(event(kind.path("name").asText(), events.size(), example));
                }
            }
            assertThat(events).hasSize(329);
        } else {
            System.out.println("RealInputIT: npm is not there, so only the payloads kept in the repository are sent");
            try (Stream<Path> files = Files.list(Path.of("src/test/resources/real-input/github"))) {
                for (Path file : files.filter(name -> name.toString().endsWith(".json"))
                        .sorted()
                        .toList()) {
                    String name = file.getFileName().toString().replace(".json", "");
                    events.add(event(name, events.size(), JSON.readTree(file.toFile())));
                }
            }
        }
        return events;
    }

    private static Event event(String name, int number, JsonNode payload) {
        return new Event(name, "delivery-" + number, payload.toString());
    }

    private HttpResponse<String> push(String hook, Event event, String signature) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(hook))
                .header("Content-Type", "application/json")
                .header("X-GitHub-Event", event.name())
                .header("X-GitHub-Delivery", event.delivery())
                .header("X-Hub-Signature-256", signature)
                .POST(HttpRequest.BodyPublishers.ofString(event.body()))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static String sign(String body) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        return "sha256=" + HexFormat.of().formatHex(mac.doFinal(body.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void aRealDataSetPulledFromAForeignServerArrivesRecordByRecord() throws Exception {
        Optional<Path> packages = NpmPackages.install();
        assumeTrue(packages.isPresent(), "npm is not there to bring json-server and vega-datasets");
        ArrayNode movies = movies(packages.get());
        Path routes = Files.writeString(folder.resolve("movies.camel.yaml"), """
                - route:
                    id: movies-in
                    from:
                      uri: kamelet:http-pull-source
                      parameters:
                        name: movies
                        interval: 1s
                        url: "{{movies.url}}/movies?_sort=id&_order=asc&id_gte={cursor}&_page={page}&_limit=100"
                        records: .
                        cursor: .id
                        start: "0"
                        pageSize: 100
                      steps:
                        - to: { uri: "ledger:movies", parameters: { batch: true, key: "${jq(.id)}", version: "${jq(.id)}" } }
                - route:
                    id: movies-to-http
                    from:
                      uri: ledger:movies
                      parameters: { target: http, concurrency: 32 }
                      steps:
                        - to: { uri: "kamelet:http-sink", parameters: { url: "{{target.url}}/movies" } }
                - route:
                    id: movies-to-sql
                    from:
                      uri: ledger:movies
                      parameters: { target: sql }
                      steps:
                        - setBody:
                            expression: { jq: { expression: '{id: .id, title: .Title, gross: .["US Gross"], rating: .["IMDB Rating"]}' } }
                        - to: { uri: "kamelet:sql-sink", parameters: { dataSource: movies, table: movies, keyColumn: id } }
                """);
        try (RecordingTarget target = new RecordingTarget(1);
                JsonServer source = JsonServer.start(packages.get(), folder, movies);
                SeraiProcess serai = SeraiProcess.run(folder, routes, movieProperties(target, source))) {
            expectMovies(movies, target);

            ObjectNode added =
                    JSON.createObjectNode().put("id", movies.size() + 1).put("Title", "Added while it ran");
            source.add(client, added);
            movies.add(added);
            expectMovies(movies, target);
            assertThat(serai.terminate()).as(serai.output()).isZero();
            assertThat(target.firsts()).hasSize(movies.size());
        }
    }

    private Map<String, String> movieProperties(RecordingTarget target, JsonServer source) {
        Map<String, String> properties = new HashMap<>(properties(target.url()));
        properties.put("movies.url", source.url());
        properties.put("camel.beans.movies", "#class:com.zaxxer.hikari.HikariDataSource");
        properties.put("camel.beans.movies.jdbcUrl", "jdbc:sqlite:" + folder.resolve("movies.db"));
        properties.put("camel.beans.movies.maximumPoolSize", "1");
        properties.put(
                "camel.beans.movies.connectionInitSql",
                "CREATE TABLE IF NOT EXISTS movies (id INTEGER PRIMARY KEY, title TEXT, gross INTEGER, rating REAL)");
        return properties;
    }

    private static ArrayNode movies(Path packages) throws IOException {
        ArrayNode movies = (ArrayNode)
                JSON.readTree(packages.resolve("vega-datasets/data/movies.json").toFile());
        assertThat(movies).hasSizeGreaterThan(3_000);
        ArrayNode some = JSON.createArrayNode();
        for (int i = 0; i < movies.size(); i++) {
            if (i % ONE_MOVIE_OF == 0 || !movies.get(i).path("Title").isTextual()) {
                some.add(((ObjectNode) movies.get(i)).put("id", some.size() + 1));
            }
        }
        return some;
    }

    private void expectMovies(ArrayNode movies, RecordingTarget target) throws Exception {
        Awaitility.await().until(() -> target.firsts().size() == movies.size());
        Map<String, JsonNode> arrived = new HashMap<>();
        for (Arrival arrival : target.firsts()) {
            arrived.put(arrival.key(), JSON.readTree(arrival.body()));
        }
        for (JsonNode movie : movies) {
            assertThat(arrived.get(movie.path("id").asText())).isEqualTo(movie);
        }
        Awaitility.await().until(() -> rows().size() == movies.size());
        Map<Integer, List<Object>> rows = rows();
        for (JsonNode movie : movies) {
            assertThat(rows.get(movie.path("id").asInt())).isEqualTo(row(movie));
        }
    }

    private static List<Object> row(JsonNode movie) {
        JsonNode title = movie.path("Title");
        JsonNode gross = movie.path("US Gross");
        JsonNode rating = movie.path("IMDB Rating");
        List<Object> row = new ArrayList<>();
        row.add(title.isValueNode() && !title.isNull() ? title.asText() : null);
        row.add(gross.isNumber() ? gross.asLong() : null);
        row.add(rating.isNumber() ? rating.asDouble() : null);
        return row;
    }

    private Map<Integer, List<Object>> rows() throws SQLException {
        Map<Integer, List<Object>> found = new HashMap<>();
        try (Connection connection = DriverManager.getConnection(
                        "jdbc:sqlite:" + folder.resolve("movies.db") + "?busy_timeout=" + Patience.MAX_MILLIS);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT id, title, gross, rating FROM movies")) {
            while (rows.next()) {
                List<Object> row = new ArrayList<>();
                row.add(rows.getString(2));
                row.add(rows.getObject(3) == null ? null : rows.getLong(3));
                row.add(rows.getObject(4) == null ? null : rows.getDouble(4));
                found.put(rows.getInt(1), row);
            }
        }
        return found;
    }

    private static Map<String, String> properties(String targetUrl) {
        return Map.of("target.url", targetUrl, "github.secret", SECRET);
    }

    /** A REST server from npm over a JSON file. */
    private record JsonServer(Process process, String url) implements AutoCloseable {
        /** A wrapper, because the server's command line does not print its port. */
        private static final String SCRIPT = """
                const jsonServer = require(process.argv[1]);
                const app = jsonServer.create();
                app.use(jsonServer.defaults({ logger: false }));
                app.use(jsonServer.router(process.argv[2]));
                const server = app.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port} is open`));
                """;

        private static final Pattern LISTENS = Pattern.compile("port (\\d+) is open");

        static JsonServer start(Path packages, Path folder, ArrayNode movies) throws IOException {
            Path database = folder.resolve("db.json");
            JSON.writeValue(database.toFile(), Map.of("movies", movies));
            Path log = folder.resolve("json-server.log");
            Process process = new ProcessBuilder(
                            "node",
                            "-e",
                            SCRIPT,
                            packages.resolve("json-server").toAbsolutePath().toString(),
                            database.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            Awaitility.await()
                    .until(() -> !process.isAlive()
                            || LISTENS.matcher(Files.readString(log)).find());
            Matcher listens = LISTENS.matcher(Files.readString(log));
            assertThat(listens.find()).as(Files.readString(log)).isTrue();
            return new JsonServer(process, "http://127.0.0.1:" + listens.group(1));
        }

        void add(HttpClient client, ObjectNode movie) throws Exception {
            HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/movies"))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(movie.toString()))
                    .build();
            assertThat(client.send(request, HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(201);
        }

        @Override
        public void close() {
            process.destroyForcibly();
            try {
                process.waitFor();
            } catch (InterruptedException e) {
                throw new UncheckedIOException(new IOException(e));
            }
        }
    }
}
