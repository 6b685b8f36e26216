package dev.serai.node.live;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.serai.node.Rehearsal;
import dev.serai.node.RunOptions;
import dev.serai.support.Patience;
import dev.serai.support.TestCertificate;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LiveReportTest {
    private static final String SINK = """
            - route:
                from:
                  uri: ledger:orders
                  parameters: { target: shop }
                  steps:
                    - to: { uri: "kamelet:KAMELET", parameters: { PARAMETERS } }
            """;
    private static final String PULL = """
            - route:
                from:
                  uri: kamelet:KAMELET
                  parameters: { PARAMETERS }
                  steps:
                    - to: { uri: "ledger:orders", parameters: { batch: true, key: "${jq(.id)}" } }
            """;
    private static final String STEP = """
            - route:
                from:
                  uri: ledger:orders
                  parameters: { target: shop }
                  steps:
                    - to: "URI"
            """;
    private static final String CREDENTIALS = "clientId: app, clientSecret: only-for-this-test";

    @TempDir
    private static Path folder;

    private HttpServer plain;
    private HttpsServer secured;
    private ServerSocket silent;
    private int closedPort;
    private final List<String> requests = new ArrayList<>();

    @BeforeAll
    void startServers() throws Exception {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        plain = HttpServer.create(any, 0);
        answer("/orders", 200, "[{\"id\":\"a\",\"at\":\"2026-01-01T00:00:00Z\"}]");
        answer("/login", 200, "<html>sign in</html>");
        answer("/none", 404, "{}");
        answer("/private", 401, "{}");
        answer("/moved", 301, "");
        answer("/token", 200, "{\"access_token\":\"only-for-this-test\",\"token_type\":\"Bearer\"}");
        answer("/notoken", 200, "{\"errcode\":40001}");
        answer("/badclient", 401, "{\"error\":\"invalid_client\"}");
        plain.start();
        secured = HttpsServer.create(any, 0);
        secured.setHttpsConfigurator(new HttpsConfigurator(tls()));
        secured.start();
        silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closedPort = closed.getLocalPort();
        }
        try (Connection db = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("shop.db"))) {
            db.createStatement().execute("CREATE TABLE orders (id TEXT PRIMARY KEY, at INTEGER, amount INTEGER)");
        }
        Files.writeString(folder.resolve("file"), "");
    }

    private void answer(String path, int status, String body) {
        plain.createContext(path, exchange -> {
            synchronized (requests) {
                requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            }
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            if (status == 301) {
                exchange.getResponseHeaders().add("Location", "/orders");
            }
            byte[] bytes = body.getBytes(UTF_8);
            boolean isHead = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(status, isHead || bytes.length == 0 ? -1 : bytes.length);
            if (!isHead && bytes.length > 0) {
                exchange.getResponseBody().write(bytes);
            }
            exchange.close();
        });
    }

    private SSLContext tls() throws Exception {
        TestCertificate own = TestCertificate.create("another.example");
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry("own", own.key(), new char[0], new Certificate[] {own.certificate()});
        Files.writeString(folder.resolve("ca.pem"), own.pem());
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    @AfterAll
    void stopServers() throws Exception {
        plain.stop(0);
        secured.stop(0);
        silent.close();
    }

    static Stream<Arguments> faults() {
        String sql = "dataSource: shop, interval: 1m, ";
        return Stream.of(
                wrong(
                        "http-sink",
                        "url: \"http://no-such-host.invalid/x\"",
                        "no-such-host.invalid.*spelling of the host"),
                wrong("http-sink", "url: \"http://127.0.0.1:CLOSED/x\"", "127.0.0.1:\\d+.*nothing listens there"),
                wrong("http-sink", "url: \"https://127.0.0.1:PLAIN/orders\"", "no TLS is spoken at this port"),
                wrong("http-sink", "url: \"https://127.0.0.1:TLS/x\"", "trustedCertificates"),
                wrong(
                        "http-sink",
                        "url: \"https://127.0.0.1:TLS/x\", trustedCertificates: \"FOLDER/ca.pem\"",
                        "certificate is for another host"),
                wrong(
                        "http-sink",
                        "url: \"http://127.0.0.1:SILENT/x\", timeout: 2s",
                        "no complete answer within 2000 ms"),
                wrong("http-sink", "url: \"http://127.0.0.1:PLAIN/moved\"", "301 and names /orders.*set url"),
                wrong(
                        "http-sink",
                        "url: \"http://127.0.0.1:PLAIN/private\", headers: \"Authorization=Bearer wrong\"",
                        "401: it does not take these credentials"),
                wrong(
                        "http-sink",
                        "url: \"http://127.0.0.1:PLAIN/orders\", tokenUrl: \"http://127.0.0.1:PLAIN/none\", "
                                + CREDENTIALS,
                        "no access token from .*/none: HTTP 404"),
                wrong(
                        "http-sink",
                        "url: \"http://127.0.0.1:PLAIN/orders\", tokenUrl: \"http://127.0.0.1:PLAIN/notoken\", "
                                + CREDENTIALS,
                        "holds no bearer token"),
                wrong(
                        "http-sink",
                        "url: \"http://127.0.0.1:PLAIN/orders\", tokenUrl: \"http://127.0.0.1:PLAIN/badclient\", "
                                + CREDENTIALS,
                        "invalid_client: check clientId, clientSecret"),
                wrong("http-pull-source", pull("login"), "not JSON"),
                wrong("http-pull-source", pull("none"), "404"),
                wrong("http-pull-source", pull("private"), "401"),
                wrong("http-pull-source", pull("orders").replace("\".\"", "\".data.items\""), "records"),
                wrong("http-pull-source", pull("orders") + ", cursor: \".updated\"", "cursor"),
                wrong("sql-pull-source", sql + "table: order, cursorColumn: at, idColumn: id", "no table"),
                wrong("sql-pull-source", sql + "table: orders, cursorColumn: updated, idColumn: id", "updated"),
                wrong(
                        "sql-pull-source",
                        "dataSource: gone, table: orders, cursorColumn: at, idColumn: id",
                        "check the address"),
                wrong("sql-sink", "dataSource: shop, table: orders, keyColumn: order_id", "order_id"),
                wrong("tcp-sink", "host: 127.0.0.1, port: CLOSED", "nothing listens there"),
                wrong("tcp-sink", "host: no-such-host.invalid, port: 1", "spelling of the host"),
                wrong("tcp-sink", "host: 127.0.0.1, port: PLAIN, tls: true", "no TLS is spoken at this port"),
                wrong(
                        "kafka-sink",
                        "topic: orders, brokers: \"127.0.0.1:CLOSED\"",
                        "no broker of .* answers: check brokers"),
                wrong("file-source", "directory: \"FOLDER/file\"", "is a file, not a folder"),
                wrong("file-sink", "directory: \"FOLDER/file/out\"", "is a file, not a folder"),
                Arguments.of(STEP.replace("URI", "http://127.0.0.1:CLOSED/x"), "nothing listens there"),
                Arguments.of(STEP.replace("URI", "sql:SELECT 1?dataSource=#gone"), "check the address"));
    }

    private static String pull(String path) {
        return "url: \"http://127.0.0.1:PLAIN/" + path + "\", records: \".\", interval: 1m";
    }

    private static Arguments wrong(String kamelet, String parameters, String expected) {
        String routes = kamelet.endsWith("source") ? PULL : SINK;
        return Arguments.of(routes.replace("KAMELET", kamelet).replace("PARAMETERS", parameters), expected);
    }

    @ParameterizedTest
    @MethodSource("faults")
    void aFaultIsNamedWithItsPlaceAndWhatToDo(String routes, String expected) throws Exception {
        List<Finding> findings = findings(routes);

        assertThat(findings).anyMatch(finding -> !finding.isGood());
        for (Finding finding : findings) {
            assertThat(finding.line()).matches("(?s)WRONG +\\S+ at .*routes\\.camel\\.yaml:\\d+: .*" + expected + ".*");
        }
    }

    @Test
    void whatWorksIsSaidAndNothingIsSentToATarget() throws Exception {
        requests.clear();
        String token = ", tokenUrl: \"http://127.0.0.1:PLAIN/token\", " + CREDENTIALS;
        String routes = sinks(
                        "http-sink", "url: \"http://127.0.0.1:PLAIN/orders/{key}\"" + token,
                        "sql-sink", "dataSource: shop, table: orders, keyColumn: id",
                        "tcp-sink", "host: 127.0.0.1, port: SILENT",
                        "file-sink", "directory: \"FOLDER/new\"")
                + PULL.replace("KAMELET", "http-pull-source").replace("PARAMETERS", pull("orders"));

        assertThat(findings(routes)).hasSize(5).allMatch(Finding::isGood);
        assertThat(requests).containsExactlyInAnyOrder("POST /token", "HEAD /orders/", "GET /orders");
        assertThat(folder.resolve("new")).doesNotExist();
    }

    private static String sinks(String... kameletsAndParameters) {
        StringBuilder routes = new StringBuilder();
        for (int i = 0; i < kameletsAndParameters.length; i += 2) {
            routes.append(SINK.replace("KAMELET", kameletsAndParameters[i])
                    .replace("PARAMETERS", kameletsAndParameters[i + 1])
                    .replace("target: shop", "target: shop" + i));
        }
        return routes.toString();
    }

    private List<Finding> findings(String routes) throws Exception {
        String filled = routes.replace(
                        "PLAIN", String.valueOf(plain.getAddress().getPort()))
                .replace("TLS", String.valueOf(secured.getAddress().getPort()))
                .replace("SILENT", String.valueOf(silent.getLocalPort()))
                .replace("CLOSED", String.valueOf(closedPort))
                .replace("FOLDER", folder.toString());
        Path file = Files.writeString(folder.resolve("routes.camel.yaml"), filled);
        Map<String, String> beans = Map.of(
                "camel.beans.shop",
                "#class:com.zaxxer.hikari.HikariDataSource",
                "camel.beans.shop.jdbcUrl",
                "jdbc:sqlite:" + folder.resolve("shop.db"),
                "camel.beans.gone",
                "#class:com.zaxxer.hikari.HikariDataSource",
                "camel.beans.gone.jdbcUrl",
                "jdbc:sqlite:" + folder.resolve("gone").resolve("shop.db"));
        RunOptions options = new RunOptions(
                List.of(file.toString()), List.of(Path.of("kamelets")), null, folder.resolve("data"), beans);
        try (Rehearsal rehearsal = new Rehearsal(options, true)) {
            rehearsal.load(List.of(file));
            return LiveReport.of(rehearsal.context(), Patience.MAX.toSeconds());
        }
    }
}
