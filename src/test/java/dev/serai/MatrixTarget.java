package dev.serai;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.support.Patience;
import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import dev.serai.support.TcpTarget;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The target of an example of the matrix, created before the flow starts, and the orders that it received. */
interface MatrixTarget extends AutoCloseable {

    /** The properties that the example needs. */
    Map<String, String> properties();

    /** All orders received so far. */
    List<MatrixOrder> arrived() throws Exception;

    @Override
    default void close() throws Exception {}

    static MatrixTarget of(MatrixCell cell) throws Exception {
        String kind = MatrixCell.target(cell.file());
        return switch (kind) {
            case "http" -> new Http();
            case "tcp" -> new Tcp();
            case "sql" -> new Sql(cell);
            case "file" -> new Folder(cell);
            case "kafka" -> Kafka.create(cell);
            case "feed" -> new Feed(cell);
            default -> throw new IllegalArgumentException(cell.file() + ": this test knows no target " + kind);
        };
    }

    /** A platform that accepts everything. */
    final class Http implements MatrixTarget {
        private final RemoteSide platform = new RemoteSide(asked -> Answer.json("{}"));

        @Override
        public Map<String, String> properties() {
            return Map.of("platform.url", platform.url(""));
        }

        @Override
        public List<MatrixOrder> arrived() {
            return platform.asked.stream()
                    .map(asked -> MatrixOrder.of(new String(asked.body(), UTF_8)))
                    .toList();
        }

        @Override
        public void close() {
            platform.close();
        }
    }

    /** A warehouse that accepts every frame. */
    final class Tcp implements MatrixTarget {
        private final TcpTarget warehouse = new TcpTarget("length", (frame, socket) -> TcpTarget.length(socket, "{}"));

        @Override
        public Map<String, String> properties() {
            return Map.of("warehouse.port", String.valueOf(warehouse.port()));
        }

        @Override
        public List<MatrixOrder> arrived() {
            return warehouse.frames.stream()
                    .map(frame -> MatrixOrder.of(MatrixOrder.parse(frame).path("order")))
                    .toList();
        }

        @Override
        public void close() {
            warehouse.close();
        }
    }

    /** The table in the node's folder, which is the example's default. */
    record Sql(MatrixCell cell) implements MatrixTarget {

        @Override
        public Map<String, String> properties() {
            return Map.of("serai.data", cell.data().toString());
        }

        @Override
        public List<MatrixOrder> arrived() throws Exception {
            Path file = cell.data().resolve(cell.name() + ".db");
            if (!Files.exists(file)) {
                return List.of();
            }
            try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file + "?busy_timeout=5000");
                    Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT id, state, amount, updated_at FROM orders")) {
                List<MatrixOrder> orders = new ArrayList<>();
                while (rows.next()) {
                    orders.add(new MatrixOrder(rows.getString(1), rows.getString(2), rows.getLong(3), rows.getLong(4)));
                }
                return orders;
            }
        }
    }

    /** The lines of all files in a folder. */
    record Folder(MatrixCell cell) implements MatrixTarget {

        private Path folder() {
            return cell.data().resolve("out");
        }

        @Override
        public Map<String, String> properties() {
            return Map.of("files.out", folder().toString());
        }

        @Override
        public List<MatrixOrder> arrived() throws IOException {
            List<MatrixOrder> orders = new ArrayList<>();
            try (Stream<Path> files = Files.exists(folder()) ? Files.list(folder()) : Stream.of()) {
                for (Path file : files.toList()) {
                    Files.readAllLines(file).forEach(line -> orders.add(MatrixOrder.of(line)));
                }
            }
            return orders;
        }
    }

    /** A topic. */
    record Kafka(MatrixCell cell) implements MatrixTarget {

        static Kafka create(MatrixCell cell) throws Exception {
            cell.broker().createTopic(cell.topic("out"), 1);
            return new Kafka(cell);
        }

        @Override
        public Map<String, String> properties() {
            return Map.of("kafka.brokers", cell.broker().brokers(), "kafka.out", cell.topic("out"));
        }

        @Override
        public List<MatrixOrder> arrived() {
            return cell.broker().read(cell.topic("out")).stream()
                    .map(record -> MatrixOrder.of(new String(record.value(), UTF_8)))
                    .toList();
        }
    }

    /** An app that pulls changes and acknowledges them. */
    final class Feed implements MatrixTarget {
        private static final String TOKEN = "a test token of MatrixIT, good for nothing else";

        private final MatrixCell cell;
        private final HttpClient client = HttpClient.newHttpClient();
        private final List<MatrixOrder> orders = new ArrayList<>();

        Feed(MatrixCell cell) {
            this.cell = cell;
        }

        @Override
        public Map<String, String> properties() {
            return Map.of("mobile.token", TOKEN);
        }

        @Override
        public List<MatrixOrder> arrived() throws Exception {
            JsonNode answer = MatrixOrder.parse(ask(to("?wait=1s")));
            if (!answer.path("changes").isEmpty()) {
                answer.path("changes").forEach(change -> orders.add(MatrixOrder.of(change.path("body"))));
                ask(to("/ack").POST(BodyPublishers.ofString("{\"cursor\":" + answer.path("cursor") + "}")));
            }
            return List.copyOf(orders);
        }

        private HttpRequest.Builder to(String path) {
            return HttpRequest.newBuilder(URI.create(cell.url("/feeds/" + cell.name() + "/mobile" + path)))
                    .timeout(Patience.MAX)
                    .header("Authorization", "Bearer " + TOKEN);
        }

        private String ask(HttpRequest.Builder request) throws Exception {
            var answer = client.send(request.build(), BodyHandlers.ofString());
            if (answer.statusCode() / 100 != 2) {
                throw new IOException("the feed answered " + answer.statusCode() + " " + answer.body());
            }
            return answer.body();
        }
    }
}
