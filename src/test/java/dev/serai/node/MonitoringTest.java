package dev.serai.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.serai.http.CertificateFiles;
import dev.serai.http.ServerTls;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.TargetName;
import dev.serai.support.KameletRunner;
import dev.serai.support.Patience;
import dev.serai.support.TestKeys;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/** The alert rules and the dashboard use metrics, labels and states that a node has. */
class MonitoringTest {
    private static final Path RULES = Path.of("docs/alerts.yml");
    private static final Path DASHBOARD = Path.of("docs/grafana.json");
    private static final String ROUTES = """
        - route:
            id: orders-in
            from:
              uri: kamelet:webhook-source
              parameters: { path: /orders, scheme: hmac, secret: test-only }
              steps:
                - to: { uri: "ledger:orders", parameters: { key: "${jq(.id)}" } }
        - route:
            id: orders-out
            from:
              uri: ledger:orders
              parameters: { target: erp }
              steps:
                - log: { message: "sent", loggingLevel: DEBUG }
        """;
    private static final Pattern SAMPLE = Pattern.compile("(?m)^([a-z]\\w*)(?:\\{(.*)})? \\S+$");
    private static final Pattern LABEL = Pattern.compile("(\\w+)\\s*(=~|!~|!=|=)\\s*\"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final Pattern SELECTOR = Pattern.compile("([a-z]\\w*)\\s*(?:\\{([^}]*)})?");
    private static final Pattern GROUPING = Pattern.compile("\\b(?:by|without|on|ignoring)\\s*\\(([^)]*)\\)");
    private static final Set<String> FUNCTIONS = Set.of(
            "abs",
            "absent",
            "and",
            "delta",
            "histogram_quantile",
            "increase",
            "max",
            "min",
            "or",
            "predict_linear",
            "rate",
            "sum",
            "time",
            "unless",
            "vector");
    /** Made by Prometheus itself. */
    private static final String SCRAPED = "up";

    /** The values of each label of each metric. */
    private static final Map<String, Map<String, Set<String>>> METRICS = new TreeMap<>();

    @BeforeAll
    static void scrape(@TempDir Path data) throws Exception {
        Vertx vertx = Vertx.vertx();
        Settings settings = Settings.load(
                new RunOptions(
                        List.of(),
                        List.of(),
                        Files.createFile(data.resolve("node.properties")),
                        data,
                        Map.of("serai.admin.port", "0")),
                Map.of());
        AdminPort admin = new AdminPort(settings);
        try (KameletRunner runner = KameletRunner.listening(() -> data);
                admin) {
            TestKeys keys = TestKeys.create(data, "node");
            CertificateFiles files = CertificateFiles.of(
                    "serai.http.tls", null, null, keys.store().toString(), TestKeys.PASSWORD);
            runner.context.getRegistry().bind("flowsTls", ServerTls.open("flows", files, vertx, Clock.systemUTC()));
            runner.with(ROUTES, Map.of()).start();
            admin.prepare();
            admin.start(runner.context, runner.ledger());
            for (DeliveryState outcome : List.of(DeliveryState.DELIVERED, DeliveryState.WAITING, DeliveryState.DEAD)) {
                admin.measure(new TargetName("orders", "erp"), outcome, Duration.ofMillis(3));
            }
            runner.sendOk("ledger:orders?key=k", "{}", Map.of());
            assertThat(runner.post("/orders", "{}".getBytes(), Map.of()).statusCode())
                    .isEqualTo(401);
            String token = Files.readString(data.resolve("admin.token")).strip();
            await().untilAsserted(() -> {
                String text = metrics(admin.url(), token);
                assertThat(text).contains("serai_source_refused_total", "serai_target_state", "serai_accepted_total");
                read(text);
            });
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    private static String metrics(String url, String token) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/observe/metrics"))
                .timeout(Patience.MAX)
                .header("Authorization", "Bearer " + token)
                .build();
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
    }

    private static void read(String metrics) {
        METRICS.put(SCRAPED, Map.of("job", Set.of("serai"), "instance", Set.of()));
        Matcher samples = SAMPLE.matcher(metrics);
        while (samples.find()) {
            Map<String, Set<String>> labels = METRICS.computeIfAbsent(samples.group(1), name -> new HashMap<>());
            Matcher label = LABEL.matcher(samples.group(2) == null ? "" : samples.group(2));
            while (label.find()) {
                labels.computeIfAbsent(label.group(1), name -> new TreeSet<>()).add(label.group(3));
            }
        }
    }

    /** What is wrong with an expression, and with the labels that a text about its result shows. */
    private static List<String> faults(String promql, List<String> shown) {
        List<String> faults = new ArrayList<>();
        Set<String> known = new TreeSet<>();
        int metrics = 0;
        String query = promql.replaceAll("\\[[^\\]]*]", "");
        Matcher groups = GROUPING.matcher(query);
        Set<String> grouped = new TreeSet<>();
        while (groups.find()) {
            Stream.of(groups.group(1).split(",")).map(String::strip).forEach(grouped::add);
        }
        Matcher selectors = SELECTOR.matcher(groups.replaceAll(" ").replaceAll("\\b\\d[\\w.]*", " "));
        while (selectors.find()) {
            String metric = selectors.group(1);
            if (FUNCTIONS.contains(metric) && selectors.group(2) == null) {
                continue;
            }
            Map<String, Set<String>> labels = METRICS.get(metric);
            if (labels == null) {
                metrics++;
                faults.add("there is no metric " + metric);
                continue;
            }
            metrics++;
            known.addAll(labels.keySet());
            faults.addAll(selectorFaults(metric, labels, selectors.group(2)));
        }
        if (metrics == 0) {
            faults.add("it names no metric");
        }
        grouped.stream().filter(label -> !known.contains(label)).forEach(label -> faults.add("no label " + label));
        Set<String> result = grouped.isEmpty() ? known : grouped;
        shown.stream().filter(label -> !result.contains(label)).forEach(label -> faults.add("shows " + label));
        return faults;
    }

    private static List<String> selectorFaults(String metric, Map<String, Set<String>> labels, String selector) {
        List<String> faults = new ArrayList<>();
        Matcher wanted = LABEL.matcher(selector == null ? "" : selector);
        while (wanted.find()) {
            Set<String> values = labels.get(wanted.group(1));
            if (values == null) {
                faults.add(metric + " has no label " + wanted.group(1));
            } else if (!wanted.group(3).startsWith("$")) {
                Stream.of(wanted.group(3).split("\\|"))
                        .filter(value -> !values.contains(value))
                        .forEach(value -> faults.add(metric + " has no " + wanted.group(1) + " " + value));
            }
        }
        return faults;
    }

    private static List<String> found(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(found -> found.group(1))
                .toList();
    }

    @Test
    void eachAlertRuleUsesWhatANodeHas() throws Exception {
        JsonNode rules = new ObjectMapper().valueToTree(new Yaml().<Object>load(Files.readString(RULES)));
        Map<String, List<String>> faults = new LinkedHashMap<>();
        int count = 0;
        for (JsonNode group : rules.path("groups")) {
            for (JsonNode rule : group.path("rules")) {
                count++;
                String name = rule.path("alert").asText();
                assertThat(rule.path("annotations").path("summary").asText())
                        .as(name)
                        .isNotBlank();
                assertThat(rule.path("annotations").path("action").asText())
                        .as(name)
                        .isNotBlank();
                faults.put(
                        name,
                        faults(
                                rule.path("expr").asText(),
                                found(
                                        "\\$labels\\.(\\w+)",
                                        rule.path("annotations").toString())));
            }
        }
        faults.values().removeIf(List::isEmpty);
        assertThat(faults).isEmpty();
        assertThat(count).isGreaterThan(10);
    }

    @Test
    void eachPanelOfTheDashboardUsesWhatANodeHas() throws Exception {
        JsonNode dashboard = new JsonMapper().readTree(Files.readString(DASHBOARD));
        Map<String, List<String>> faults = new LinkedHashMap<>();
        for (JsonNode panel : dashboard.path("panels")) {
            assertThat(panel.path("targets")).as("%s", panel.path("title")).isNotEmpty();
            for (JsonNode target : panel.path("targets")) {
                String query = target.path("expr").asText();
                faults.put(
                        panel.path("title").asText() + ": " + query,
                        faults(
                                query,
                                found(
                                        "\\{\\{(\\w+)}}",
                                        target.path("legendFormat").asText())));
            }
        }
        faults.values().removeIf(List::isEmpty);
        assertThat(faults).isEmpty();
        for (String query : found("label_values\\((\\w+, \\w+)\\)", dashboard.toString())) {
            String[] parts = query.split(", ");
            assertThat(METRICS.get(parts[0])).as(query).containsKey(parts[1]);
        }
    }

    @Test
    void aNameOrLabelOrStateThatDoesNotExistIsFound() {
        assertThat(faults("rate(serai_acceptd_total[5m])", List.of()))
                .containsExactly("there is no metric serai_acceptd_total");
        assertThat(faults("serai_dead{flows=\"a\"}", List.of())).containsExactly("serai_dead has no label flows");
        assertThat(faults("serai_target_state{state=~\"down|gone\"} == 1", List.of()))
                .containsExactly("serai_target_state has no state gone");
        assertThat(faults("sum by (floww) (serai_dead)", List.of())).containsExactly("no label floww");
        assertThat(faults("sum by (flow) (serai_dead)", List.of("target"))).containsExactly("shows target");
        assertThat(faults("vector(0)", List.of())).containsExactly("it names no metric");
        assertThat(faults("avg_over(serai_dead)", List.of())).containsExactly("there is no metric avg_over");
    }

    @Test
    void everyMetricOfANodeThatIsSeraisOwnIsInTheDocument() throws Exception {
        String document = Files.readString(Path.of("docs/operate.md"));
        Set<String> undocumented = new TreeSet<>();
        for (String metric : METRICS.keySet()) {
            String name = metric.replaceFirst("(serai_delivery_seconds)_(bucket|count|sum|max)$", "$1");
            if (metric.startsWith("serai_") && !document.contains("`" + name + "`")) {
                undocumented.add(metric);
            }
        }
        assertThat(undocumented).isEmpty();
        assertThat(METRICS)
                .containsKeys(
                        "serai_ledger_writable",
                        "serai_route_files_refused",
                        "serai_reconcile_waited_seconds_total",
                        "serai_certificate_expiry_timestamp_seconds");
    }
}
