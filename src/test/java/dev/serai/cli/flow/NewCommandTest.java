package dev.serai.cli.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.serai.cli.Cli;
import dev.serai.cli.Runner;
import dev.serai.node.RunOptions;
import dev.serai.support.KameletRunner;
import dev.serai.support.TcpPeer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code serai new}, and the examples that it copies. */
class NewCommandTest {
    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private Path config() {
        return folder.resolve("application.properties");
    }

    private int make(String name, String source, String sink) {
        return Cli.execute(
                new PrintWriter(out, true),
                new PrintWriter(err, true),
                "new",
                name,
                "--from",
                source,
                "--to",
                sink,
                "--dir",
                folder.resolve("routes").toString(),
                "--config",
                config().toString());
    }

    private Map<String, String> properties() throws IOException {
        Properties file = new Properties();
        try (Reader reader = Files.newBufferedReader(config())) {
            file.load(reader);
        }
        Map<String, String> properties = new HashMap<>();
        file.stringPropertyNames().forEach(name -> properties.put(name, file.getProperty(name)));
        return properties;
    }

    private List<String> check(List<String> globs, Path config) {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        ByteArrayOutputStream wrong = new ByteArrayOutputStream();
        int exitCode = new Runner(print(printed), print(wrong))
                .check(new RunOptions(globs, List.of(), config, folder.resolve("data"), Map.of()), false);
        assertThat(wrong.toString(StandardCharsets.UTF_8)).isEmpty();
        assertThat(exitCode).isZero();
        return printed.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith("flow "))
                .toList();
    }

    private static PrintStream print(ByteArrayOutputStream to) {
        return new PrintStream(to, true, StandardCharsets.UTF_8);
    }

    @Test
    void everySourceWithEverySinkPassesTheCheckAndNoTwoClash() throws Exception {
        List<String> made = new ArrayList<>();
        for (String source : FlowTemplate.sources()) {
            for (String sink : FlowTemplate.sinks(source)) {
                String name = "new" + made.size();
                assertThat(make(name, source, sink))
                        .as(source + " to " + sink + err)
                        .isZero();
                made.add(name);
            }
        }

        List<String> flows = check(List.of(folder.resolve("routes").toString()), config());

        assertThat(made).hasSizeGreaterThan(70);
        assertThat(flows.stream().map(line -> line.replaceFirst("^flow (\\S+).*", "$1")))
                .containsAll(made);
        String routes = String.join("", read(folder.resolve("routes")));
        assertThat(routes).doesNotContain("http-to-", "stripe-events", FlowTemplate.NAME);
        assertThat(properties().values()).doesNotContain("<random>", "<random43>");
        List<String> secrets = properties().entrySet().stream()
                .filter(property -> property.getKey().endsWith(".secret"))
                .map(Map.Entry::getValue)
                .toList();
        assertThat(new HashSet<>(secrets)).hasSameSizeAs(secrets);
        List<String> ports = properties().entrySet().stream()
                .filter(property -> property.getKey().matches("new\\d+\\.port"))
                .map(Map.Entry::getValue)
                .toList();
        assertThat(ports).hasSize(12).doesNotHaveDuplicates();
    }

    private static List<String> read(Path folder) throws IOException {
        List<String> texts = new ArrayList<>();
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                texts.add(Files.readString(file));
            }
        }
        return texts;
    }

    @Test
    void allExamplesAndTheShippedFlowsCanBeLoadedTogether() throws IOException {
        StringBuilder settings = new StringBuilder(Files.readString(Path.of("application.properties")));
        Set<String> flows = new HashSet<>();
        for (String name : FlowExample.names()) {
            FlowExample example = FlowExample.read(name);
            flows.add(example.flow());
            example.properties().forEach((property, value) -> settings.append(property)
                    .append('=')
                    .append(FreshValue.of("", value, List.of()))
                    .append('\n'));
        }
        Files.writeString(config(), settings);

        List<String> checked = check(List.of("docs/examples", "routes", "sandbox"), config());

        assertThat(flows).hasSameSizeAs(FlowExample.names());
        assertThat(checked).hasSizeGreaterThan(flows.size());
    }

    @ParameterizedTest
    @CsvSource({
        "http, sql",
        "http-sync, file",
        "tcp, file",
        "github, sql",
        "stripe, sql",
        "wechat-pay, sql",
        "alipay, sql",
        "wechat-messages, sql"
    })
    void theBodyThatIsShownIsAcceptedWhenItIsSent(String source, String sink) throws Exception {
        assertThat(make("mine", source, sink)).as(err.toString()).isZero();
        String echo = out.toString()
                .lines()
                .filter(line -> line.startsWith("Send to it:"))
                .findFirst()
                .orElseThrow();
        Path body = Files.writeString(folder.resolve("body"), echo.replaceFirst("^.*? echo '(.*)' \\|.*$", "$1"));
        Map<String, String> properties = properties();
        properties.put("serai.data", folder.toString());
        properties.put("mine.port", "0");
        properties.put("mine.files.out", folder.resolve("out").toString());
        try (KameletRunner node = KameletRunner.listening(() -> folder)) {
            node.withFile(folder.resolve("routes/mine.camel.yaml").toString(), properties)
                    .start();
            String url = source.equals("tcp") ? "tcp://127.0.0.1:" + TcpPeer.port(node.context) : node.url("");

            int exitCode = Cli.execute(
                    new PrintWriter(out, true),
                    new PrintWriter(err, true),
                    "send",
                    "mine",
                    body.toString(),
                    "--routes",
                    folder.resolve("routes").toString(),
                    "--config",
                    config().toString(),
                    "--url",
                    url);

            assertThat(exitCode).as(err + "" + out).isZero();
            await().until(() -> node.ledger().flows().get(0).targets().get(0).delivered() == 1);
            // Else files of SQLite are deleted while the folder is.
            node.context.getRegistry().findByType(HikariDataSource.class).forEach(HikariDataSource::close);
        }
    }

    @Test
    void theNextStepsSignWithOpenssl() {
        assertThat(make("mine", "stripe", "file")).isZero();

        assertThat(out.toString())
                .contains("./serai check --routes " + folder + "/routes/mine.camel.yaml --config " + config())
                .contains("| ./serai send mine - --routes ")
                .contains("SUM=$(printf %s \"$TIME.$BODY\" | openssl dgst -sha256 -hmac \"$SECRET\" -r")
                .contains("curl -i http://127.0.0.1:")
                .contains("/hooks/mine -H 'Content-Type: application/json' -H \"Stripe-Signature: t=$TIME,v1=$SUM\"")
                .doesNotContain("-p ");
    }

    @Test
    void nothingThatExistsIsOverwritten() throws IOException {
        Files.writeString(config(), "mine.secret=mine-and-nobody-else's");
        assertThat(make("mine", "http", "sql")).isEqualTo(2);
        assertThat(err.toString()).contains("application.properties has mine.secret already");
        assertThat(folder.resolve("routes")).doesNotExist();

        assertThat(make("other", "http", "sql")).isZero();
        String routes = Files.readString(folder.resolve("routes/other.camel.yaml"));
        assertThat(properties())
                .containsEntry("mine.secret", "mine-and-nobody-else's")
                .containsKey("other.secret");
        assertThat(Files.readString(config())).contains("else's\n\n# ---- The flow other (");

        assertThat(make("other", "http", "file")).isEqualTo(2);
        assertThat(err.toString()).contains("other.camel.yaml is there already");
        Files.move(folder.resolve("routes/other.camel.yaml"), folder.resolve("routes/renamed.camel.yaml"));
        assertThat(make("other", "http", "file")).isEqualTo(2);
        assertThat(err.toString()).contains("renamed.camel.yaml has a route other-in already");
        assertThat(Files.readString(folder.resolve("routes/renamed.camel.yaml")))
                .isEqualTo(routes);
    }

    @Test
    void anUnknownWordSaysWhichThereAre() {
        assertThat(make("mine", "htp", "sql")).isEqualTo(2);
        assertThat(err.toString())
                .contains(
                        "there is no source htp, perhaps http is meant: there are http, http-sync, tcp, tcp-sync, pull, sql, file,"
                                + " kafka, alipay,");
        assertThat(make("mine", "http", "sqll")).isEqualTo(2);
        assertThat(err.toString())
                .contains("there is no sink sqll, perhaps sql is meant: there are http, tcp, sql, file, kafka, feed");
        assertThat(make("mine", "push-and-pull", "sql")).isEqualTo(2);
        assertThat(err.toString()).contains("what comes from push-and-pull goes to http only");
        assertThat(make("../mine", "http", "sql")).isEqualTo(2);
        assertThat(err.toString()).contains("../mine is no name for a flow");
        assertThat(folder).isEmptyDirectory();
    }
}
