package dev.serai;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.zaxxer.hikari.HikariDataSource;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureSchemeRegistry;
import dev.serai.support.Patience;
import dev.serai.support.RemoteSide;
import dev.serai.support.TcpPeer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.springframework.jdbc.core.JdbcTemplate;

/** The shop of an example of the matrix. It is created before the flow starts and sends orders afterwards. */
interface MatrixSource extends AutoCloseable {

    /** The properties that the example needs. */
    Map<String, String> properties();

    /** Sends orders. The futures return the answers, which are empty for sources without answers. */
    CompletableFuture<List<String>> send(List<MatrixOrder> orders) throws Exception;

    @Override
    default void close() throws Exception {}

    static MatrixSource of(MatrixCell cell) throws Exception {
        String kind = MatrixCell.source(cell.file());
        return switch (kind) {
            case "http", "http-sync" -> new Http(cell);
            case "tcp", "tcp-sync" -> new Tcp(cell);
            case "pull" -> new Pull();
            case "sql" -> new Sql(cell);
            case "file" -> new Folder(cell);
            case "kafka" -> Kafka.create(cell);
            default -> throw new IllegalArgumentException(cell.file() + ": this test knows no source " + kind);
        };
    }

    /** Pushes signed webhooks. */
    record Http(MatrixCell cell) implements MatrixSource {
        private static final String SECRET = "a test key of MatrixIT, good for nothing else";

        @Override
        public Map<String, String> properties() {
            return Map.of("secret", SECRET);
        }

        @Override
        public CompletableFuture<List<String>> send(List<MatrixOrder> orders) throws Exception {
            HttpClient client = HttpClient.newHttpClient();
            List<CompletableFuture<String>> answers = new ArrayList<>();
            for (MatrixOrder order : orders) {
                HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(cell.url("/hooks/" + cell.name())))
                        .timeout(Patience.MAX)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofByteArray(order.bytes()));
                SignatureSchemeRegistry.create("hmac", SchemeOptions.secret(SECRET))
                        .sign(order.bytes(), "any", Instant.now())
                        .forEach(request::header);
                answers.add(client.sendAsync(request.build(), BodyHandlers.ofString())
                        .thenApply(answer -> answer.statusCode() + " " + answer.body()));
            }
            return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                    .thenApply(
                            all -> answers.stream().map(CompletableFuture::join).toList());
        }
    }

    /** Pushes lines over one connection. */
    final class Tcp implements MatrixSource {
        private final MatrixCell cell;
        private TcpPeer peer;

        Tcp(MatrixCell cell) {
            this.cell = cell;
        }

        @Override
        public Map<String, String> properties() {
            return Map.of("port", "0");
        }

        @Override
        public CompletableFuture<List<String>> send(List<MatrixOrder> orders) throws Exception {
            peer = TcpPeer.connect(cell.runner().context, "line");
            for (MatrixOrder order : orders) {
                peer.send(order.json());
            }
            peer.flush();
            CompletableFuture<List<String>> answers = new CompletableFuture<>();
            Thread reader = new Thread(() -> read(orders.size(), answers), "matrix-tcp-answers");
            reader.setDaemon(true);
            reader.start();
            return answers;
        }

        private void read(int count, CompletableFuture<List<String>> answers) {
            List<String> read = new ArrayList<>();
            try {
                while (read.size() < count) {
                    read.add(String.valueOf(peer.read()));
                }
                answers.complete(read);
            } catch (IOException e) {
                answers.completeExceptionally(e);
            }
        }

        @Override
        public void close() throws IOException {
            if (peer != null) {
                peer.close();
            }
        }
    }

    /** Serves an API that lists its orders. */
    final class Pull implements MatrixSource {
        private volatile String orders = "";
        private final RemoteSide api = new RemoteSide(asked -> RemoteSide.Answer.json("{\"orders\":[" + orders + "]}"));

        @Override
        public Map<String, String> properties() {
            return Map.of("shop.url", api.url(""), "shop.interval", "50ms");
        }

        @Override
        public CompletableFuture<List<String>> send(List<MatrixOrder> sent) {
            orders = sent.stream().map(MatrixOrder::json).collect(Collectors.joining(","));
            return CompletableFuture.completedFuture(List.of());
        }

        @Override
        public void close() {
            api.close();
        }
    }

    /** Writes to a table. */
    final class Sql implements MatrixSource {
        private final HikariDataSource shop = new HikariDataSource();
        private final JdbcTemplate db = new JdbcTemplate(shop);

        public Sql(MatrixCell cell) {
            shop.setJdbcUrl("jdbc:sqlite:" + cell.data().resolve("shop.db") + "?busy_timeout=5000");
            shop.setMaximumPoolSize(1);
            db.execute("CREATE TABLE orders (id TEXT PRIMARY KEY, state TEXT, amount INTEGER, updated_at INTEGER)");
        }

        @Override
        public Map<String, String> properties() {
            return Map.of("shop.jdbcUrl", shop.getJdbcUrl(), "shop.interval", "50ms");
        }

        @Override
        public CompletableFuture<List<String>> send(List<MatrixOrder> orders) {
            for (MatrixOrder order : orders) {
                db.update(
                        "INSERT INTO orders VALUES (?, ?, ?, ?)",
                        order.id(),
                        order.state(),
                        order.amount(),
                        order.updatedAt());
            }
            return CompletableFuture.completedFuture(List.of());
        }

        @Override
        public void close() {
            shop.close();
        }
    }

    /** Writes a CSV file to a folder, and renames it when it is complete. */
    record Folder(MatrixCell cell) implements MatrixSource {

        private Path folder() {
            return cell.data().resolve("in");
        }

        @Override
        public Map<String, String> properties() {
            return Map.of("files.in", folder().toString(), "files.interval", "50ms");
        }

        @Override
        public CompletableFuture<List<String>> send(List<MatrixOrder> orders) throws IOException {
            String csv = orders.stream()
                    .map(order ->
                            "%s,%s,%d,%d\n".formatted(order.id(), order.state(), order.amount(), order.updatedAt()))
                    .collect(Collectors.joining("", "id,state,amount,updated_at\n", ""));
            Path draft = Files.writeString(Files.createDirectories(folder()).resolve(".orders"), csv, UTF_8);
            // Old enough to count as quiet.
            Files.setLastModifiedTime(draft, FileTime.from(Instant.now().minusSeconds(60)));
            Files.move(draft, folder().resolve("orders.csv"), StandardCopyOption.ATOMIC_MOVE);
            return CompletableFuture.completedFuture(List.of());
        }
    }

    /** Writes to a topic. */
    record Kafka(MatrixCell cell) implements MatrixSource {

        static Kafka create(MatrixCell cell) throws Exception {
            cell.broker().createTopic(cell.topic("in"), 1);
            return new Kafka(cell);
        }

        @Override
        public Map<String, String> properties() {
            return Map.of(
                    "kafka.brokers",
                    cell.broker().brokers(),
                    "kafka.in",
                    cell.topic("in"),
                    "kafka.group",
                    cell.topic("group"));
        }

        @Override
        public CompletableFuture<List<String>> send(List<MatrixOrder> orders) throws Exception {
            cell.broker()
                    .send(orders.stream()
                            .map(order -> new ProducerRecord<byte[], byte[]>(
                                    cell.topic("in"),
                                    null,
                                    order.id().getBytes(UTF_8),
                                    order.bytes(),
                                    List.<Header>of(
                                            new RecordHeader("Content-Type", "application/json".getBytes(UTF_8)))))
                            .toList());
            return CompletableFuture.completedFuture(List.of());
        }
    }
}
