package dev.serai;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.serai.cli.Cli;
import dev.serai.cli.Runner;
import dev.serai.node.RunOptions;
import dev.serai.support.Patience;
import dev.serai.support.SeraiProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.Reader;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Examples, the READMEs and the platforms' pages in both languages: their routes pass {@code check}, and those that delete do so. MatrixIT runs every pair of source and target. */
class ExamplesIT {
    private static final Path EXAMPLES = Path.of("docs/examples");
    private static final Path PLATFORMS = Path.of("docs/platforms");
    private static final Path CHINESE = Path.of("docs/zh");
    private static final Pattern ROUTE = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);
    // A test key that fits every signature scheme. Do not use it elsewhere.
    private static final String SECRET = "whsec_c2VyYWktZXhhbXBsZXMtdGVzdC1rZXktMDAx";
    private static final Pattern WITHOUT_DEFAULT = Pattern.compile("\\{\\{([A-Za-z][\\w.-]*)}}");

    @TempDir
    Path folder;

    private final List<String> asked = new CopyOnWriteArrayList<>();
    private HttpServer outside;

    @AfterEach
    void stop() {
        if (outside != null) {
            outside.stop(0);
        }
    }

    /** The examples that are not a pair of source and target, and pairs with each source and each target once. */
    static List<Path> examples() throws IOException {
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            return files.filter(file -> file.toString().endsWith(".camel.yaml"))
                    .filter(file -> !file.toString().contains("-to-")
                            || MatrixCell.PAIRS.contains(file.getFileName().toString()))
                    .sorted()
                    .toList();
        }
    }

    /** The READMEs and the platforms' pages, except your-own.md, which OwnSchemeIT runs. */
    static List<Path> pages() throws IOException {
        Set<String> others = Set.of("console.md", "README.md", "your-own.md");
        List<Path> pages = new ArrayList<>(List.of(Path.of("README.md"), Path.of("README.zh.md")));
        for (Path folder : List.of(PLATFORMS, CHINESE)) {
            try (Stream<Path> files = Files.list(folder)) {
                files.filter(file -> !others.contains(file.getFileName().toString()))
                        .sorted()
                        .forEach(pages::add);
            }
        }
        return pages;
    }

    @Test
    void theChinesePagesShowTheRoutesOfTheEnglishOnes() throws IOException {
        for (String page : List.of("wechat-pay.md", "alipay.md", "wechat-messages.md")) {
            assertThat(routes(CHINESE.resolve(page))).as(page).isEqualTo(routes(PLATFORMS.resolve(page)));
        }
        assertThat(routes(Path.of("README.zh.md"))).isEqualTo(routes(Path.of("README.md")));
    }

    /** The routes without comments, which are in the page's language. */
    private static List<String> routes(Path page) throws IOException {
        return ROUTE.matcher(Files.readString(page))
                .results()
                .map(route -> route.group(1).replaceAll("(?m) *# .*$\\R?", "\n"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void theRouteThatThePageShowsPassesTheCheck(Path page) throws Exception {
        Matcher route = ROUTE.matcher(Files.readString(page));
        assertThat(route.find()).isTrue();

        theExamplePassesTheCheck(Files.writeString(folder.resolve("page.camel.yaml"), route.group(1)));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void theExamplePassesTheCheck(Path example) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        RunOptions options = new RunOptions(
                List.of(example.toString()), List.of(), null, folder, propertiesOf(Files.readString(example)));

        int exitCode = new Runner(print(out), print(err)).check(options, false);

        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
        assertThat(exitCode).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).startsWith("flow ");
    }

    private static PrintStream print(ByteArrayOutputStream to) {
        return new PrintStream(to, true, StandardCharsets.UTF_8);
    }

    /** A value for each property that the user of the example must set. */
    private Map<String, String> propertiesOf(String example) throws SQLException {
        Map<String, String> properties = new HashMap<>();
        List<String> names = WITHOUT_DEFAULT
                .matcher(example)
                .results()
                .map(found -> found.group(1))
                .toList();
        for (String name : names) {
            String lower = name.toLowerCase(Locale.ROOT);
            if (name.startsWith("serai.")) {
                continue;
            } else if (lower.endsWith("jdbcurl")) {
                properties.put(name, databaseWithOrders());
            } else if (lower.endsWith("url")) {
                properties.put(name, "http://127.0.0.1:9");
            } else if (lower.endsWith("port")) {
                properties.put(name, "9");
            } else if (lower.endsWith("folder") || lower.endsWith("directory")) {
                properties.put(name, folder.toString());
            } else if (lower.endsWith("apiv3key")) {
                properties.put(name, SECRET.substring(0, 32));
            } else if (lower.endsWith("publickey")) {
                properties.put(name, "file:sandbox/keys/wechatpay-test-public-key.pem");
            } else if (lower.endsWith("privatekey")) {
                properties.put(name, "file:sandbox/keys/wechatpay-test-private-key.pem");
            } else if (lower.endsWith("aeskey")) {
                properties.put(name, "ExampleTestKeyGoodForNothingElse00000000003");
            } else if (lower.endsWith("host")) {
                properties.put(name, "127.0.0.1");
            } else {
                properties.put(name, SECRET);
            }
        }
        return properties;
    }

    /** Creates the table that a SQL source needs. */
    private String databaseWithOrders() throws SQLException {
        String url = "jdbc:sqlite:" + folder.resolve("example.db");
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY, updated_at INTEGER, state TEXT)");
        }
        return url;
    }

    // ---- Those that delete

    private SeraiProcess run(String example, Map<String, String> properties) {
        return SeraiProcess.run(folder, EXAMPLES.resolve(example), properties);
    }

    private void awaitRows(String database, String sql, String... rows) {
        Awaitility.await()
                .ignoreExceptionsInstanceOf(SQLException.class) // the sink's first connection creates the table
                .untilAsserted(() -> assertThat(rows(database, sql)).containsExactly(rows));
    }

    private List<String> rows(String database, String sql) throws SQLException {
        String url = "jdbc:sqlite:" + folder.resolve("data").resolve(database) + "?busy_timeout=" + Patience.MAX_MILLIS;
        List<String> found = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                found.add(rows.getString(1));
            }
        }
        return found;
    }

    /** An API that answers GET with this text, and accepts every other request. */
    private String outside(String answer) throws IOException {
        outside = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        outside.createContext("/", request -> answer(request, answer));
        outside.start();
        return "http://127.0.0.1:" + outside.getAddress().getPort();
    }

    private void answer(HttpExchange request, String answer) throws IOException {
        boolean get = request.getRequestMethod().equals("GET");
        String body = new String(request.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        if (!get) {
            asked.add((request.getRequestMethod() + " " + request.getRequestURI() + " " + body).strip());
        }
        byte[] bytes = (get ? answer : "{}").getBytes(StandardCharsets.UTF_8);
        request.sendResponseHeaders(200, bytes.length);
        request.getResponseBody().write(bytes);
        request.close();
    }

    /** The example as {@code new} copies it, sent to by {@code send}. */
    @Test
    void aPushedOrderBecomesARowAndIsMarkedWhenItIsRemoved() throws Exception {
        Path config = folder.resolve("new.properties");
        Path routes = folder.resolve("routes");
        serai(
                "new",
                "shop",
                "--from",
                "http",
                "--to",
                "sql",
                "--dir",
                routes.toString(),
                "--config",
                config.toString());
        Properties settings = new Properties();
        try (Reader reader = Files.newBufferedReader(config)) {
            settings.load(reader);
        }
        Map<String, String> properties = Map.of("shop.secret", settings.getProperty("shop.secret"));
        try (SeraiProcess serai = SeraiProcess.run(folder, routes.resolve("shop.camel.yaml"), properties)) {
            String rows = "SELECT id || ' ' || coalesce(state, '-') || ' ' || updated_at || ' ' || deleted FROM orders";

            send(serai, "{\"id\":\"o-1\",\"state\":\"paid\",\"amount\":65,\"updated_at\":7}");
            awaitRows("shop.db", rows, "o-1 paid 7 0");

            send(serai, "{\"id\":\"o-1\",\"state\":\"removed\",\"updated_at\":8}");
            awaitRows("shop.db", rows, "o-1 paid 8 1");
            assertThat(serai.terminate()).as(serai.output()).isZero();
        }
    }

    private void send(SeraiProcess serai, String body) throws IOException {
        String file = Files.writeString(folder.resolve("body"), body).toString();
        String routes = folder.resolve("routes").toString();
        String config = folder.resolve("new.properties").toString();
        serai("send", "shop", file, "--routes", routes, "--config", config, "--url", serai.flowsUrl());
    }

    private static void serai(String... arguments) {
        StringWriter printed = new StringWriter();
        PrintWriter out = new PrintWriter(printed, true);
        assertThat(Cli.execute(out, out, arguments)).as(printed.toString()).isZero();
    }

    @Test
    void pulledOrdersArePutToTheirAddressOrDeleted() throws Exception {
        String url = outside(
                "{\"orders\":[{\"id\":\"a/1\",\"updated_at\":1},{\"id\":\"b\",\"updated_at\":2,\"state\":\"removed\"}]}");
        try (SeraiProcess serai = run(
                "pull-to-http.camel.yaml",
                Map.of(
                        "pull-to-http.shop.url",
                        url,
                        "pull-to-http.platform.url",
                        url + "/platform",
                        "pull-to-http.shop.interval",
                        "200ms"))) {
            Awaitility.await().untilAsserted(() -> assertThat(asked)
                    .containsExactlyInAnyOrder(
                            "PUT /platform/orders/a%2F1 {\"id\":\"a/1\",\"updated_at\":1}",
                            "DELETE /platform/orders/b"));
            assertThat(serai.terminate()).as(serai.output()).isZero();
        }
    }
}
