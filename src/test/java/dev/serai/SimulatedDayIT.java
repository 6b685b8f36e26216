package dev.serai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.serai.support.DayMarks;
import dev.serai.support.DaySource;
import dev.serai.support.DayTarget;
import dev.serai.support.SeraiProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A day with all that goes wrong in one, in a few minutes: sources lose, repeat and mix up their pushes, one falls silent for an hour,
 * targets refuse 30 of 100 deliveries, one is down for two hours, the node is killed three times, a bad route is deployed and taken back,
 * and a secret is replaced. At its end each target has what each source has.
 *
 * <p>{@code -Dserai.day.seconds=1800 -Dserai.day.sources=10 -Dserai.day.targets=5 -Dserai.day.keys=15000} make it long.
 */
@Timeout(7_200)
class SimulatedDayIT {
    private static final int SOURCES = Integer.getInteger("serai.day.sources", 3);
    private static final int TARGETS = Integer.getInteger("serai.day.targets", 2);
    private static final int KEYS = Integer.getInteger("serai.day.keys", 200);
    private static final Duration DAY = Duration.ofSeconds(Integer.getInteger("serai.day.seconds", 30));
    private static final int PER_SECOND = 10;
    private static final double FAILURES = 0.3;
    private static final Duration TRAIL_MAX = Duration.ofMinutes(5);
    /** In a shorter day the seconds that a run takes are too much of it to assert how far marks trail. */
    private static final Duration LONG_DAY = Duration.ofMinutes(30);
    /** Nodes of tests do without the second compiler, for they are short. */
    private static final Map<String, String> COMPILED = Map.of("_JAVA_OPTIONS", "-XX:TieredStopAtLevel=4");
    /** The first run compares all keys of all targets. */
    private static final Duration FIRST_RUNS_MAX = Duration.ofMinutes(10);

    private static final double IN_TIME_MIN = 0.99;
    private static final String TOKEN = "a test key of the simulated day";
    private static final String NEW_TOKEN = "the next test key of the simulated day";
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private final List<DaySource> sources = new ArrayList<>();
    private final List<DayTarget> targets = new ArrayList<>();
    private final HttpClient client = HttpClient.newHttpClient();
    private SeraiProcess node;
    private volatile String hooks;
    private Path routes;
    private Instant begin;
    private final DayMarks marks = new DayMarks(DAY, TRAIL_MAX);

    @AfterEach
    void close() {
        sources.forEach(DaySource::close);
        targets.forEach(DayTarget::close);
        if (node != null) {
            node.close();
        }
    }

    @Test
    void atTheEndOfTheDayEachTargetHasWhatEachSourceHas() throws Exception {
        routes = Files.createDirectories(folder.resolve("routes"));
        for (int i = 0; i < TARGETS; i++) {
            targets.add(new DayTarget(FAILURES, i));
        }
        for (int i = 0; i < SOURCES; i++) {
            String name = "s" + i;
            sources.add(new DaySource(name, KEYS, PER_SECOND, () -> hook(name), TOKEN, i));
            write(sources.get(i), TOKEN, null, "");
            writeReconciliations(name);
        }
        start();
        sources.forEach(DaySource::start);
        await().pollInterval(Duration.ofSeconds(1)).atMost(FIRST_RUNS_MAX).untilAsserted(() -> assertThat(
                        reconciliations())
                .hasSize(SOURCES * TARGETS)
                .allSatisfy(
                        one -> assertThat(one.get("verifiedThrough").isNull()).isFalse()));
        if (isLong()) {
            await().pollInterval(Duration.ofMillis(500))
                    .atMost(FIRST_RUNS_MAX)
                    .until(() -> marks.isSettled(Instant.now(), reconciliations()));
        }
        begin = Instant.now();

        until(0.10);
        write(
                sources.get(0),
                TOKEN,
                null,
                "        - throwException: { exceptionType: java.lang.IllegalStateException, message: bad }\n");
        until(0.12);
        write(sources.get(0), TOKEN, null, "");

        until(0.20);
        write(sources.get(1), NEW_TOKEN, TOKEN, "");
        until(0.22);
        sources.get(1).use(NEW_TOKEN);
        killAndStart(0.25);

        until(0.30);
        sources.get(2).setSilent(true);
        until(0.30 + 1 / 24.0);
        sources.get(2).setSilent(false);

        until(0.40);
        targets.get(0).setDown(true);
        marks.down("t0");
        until(0.40 + 2 / 24.0);
        targets.get(0).setDown(false);
        marks.up("t0");
        killAndStart(0.55);
        killAndStart(0.80);
        until(1);

        Instant end = Instant.now();
        for (DaySource source : sources) {
            source.end();
        }
        for (DaySource source : sources) {
            for (DayTarget target : targets) {
                await().pollInterval(Duration.ofSeconds(1)).untilAsserted(() -> assertThat(target.of(source.name()))
                        .isEqualTo(source.newest()));
            }
        }
        await().pollInterval(Duration.ofSeconds(1)).untilAsserted(() -> assertThat(reconciliations())
                .hasSize(SOURCES * TARGETS)
                .allSatisfy(one -> assertThat(
                                Instant.parse(one.get("verifiedThrough").asText()))
                        .isAfter(end)));
        System.out.printf(
                "%d keys, %d targets: all equal; %s%n",
                sources.stream().mapToInt(source -> source.newest().size()).sum(), TARGETS, marks);
        if (isLong()) {
            assertThat(marks.share()).as(marks.toString()).isGreaterThanOrEqualTo(IN_TIME_MIN);
        }
        assertThat(node.terminate()).isZero();
    }

    private static boolean isLong() {
        return DAY.compareTo(LONG_DAY) >= 0;
    }

    /** Looks at the marks until this part of the day is over. */
    private void until(double part) throws Exception {
        Instant wanted = begin.plusMillis(Math.round(DAY.toMillis() * part));
        while (Instant.now().isBefore(wanted)) {
            marks.look(Instant.now(), reconciliations());
            Thread.sleep(Math.max(
                    0, Math.min(500, Duration.between(Instant.now(), wanted).toMillis())));
        }
    }

    private void killAndStart(double part) throws Exception {
        until(part);
        Instant from = Instant.now();
        SeraiProcess before = node;
        hooks = null;
        node = null;
        before.kill();
        start();
        marks.stood(from, Instant.now());
    }

    private void start() {
        node = SeraiProcess.run(folder, routes, Map.of(), isLong() ? COMPILED : Map.of());
        hooks = node.flowsUrl() + "/hooks/";
    }

    private String hook(String name) {
        String running = hooks;
        return running == null ? null : running + name;
    }

    private JsonNode reconciliations() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(node.adminUrl() + "/api/status"))
                .header(
                        "Authorization",
                        "Bearer "
                                + Files.readString(folder.resolve("data/admin.token"))
                                        .strip())
                .build();
        HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body()).get("reconciliations");
    }

    private void write(DaySource source, String token, String previousToken, String step) throws IOException {
        String name = source.name();
        String previous = previousToken == null ? "" : ", previousSecret: \"" + previousToken + "\"";
        StringBuilder file = new StringBuilder("""
                - route:
                    id: NAME-pushed
                    from:
                      uri: kamelet:webhook-source
                      parameters: { path: /hooks/NAME, scheme: token, secret: "TOKEN"PREVIOUS }
                      steps:
                STEP        - to: { uri: "ledger:NAME", parameters: { key: "${jq(.id)}", version: "${jq(.seq)}" } }
                - route:
                    id: NAME-pulled
                    from:
                      uri: kamelet:http-pull-source
                      parameters: { interval: 5s, url: "URL?since={cursor}", records: .records, cursor: .seq, start: "0", sorted: true }
                      steps:
                STEP        - to: { uri: "ledger:NAME", parameters: { batch: true, key: "${jq(.id)}", version: "${jq(.seq)}" } }
                """);
        for (int i = 0; i < TARGETS; i++) {
            file.append(
                    """
                    - route:
                        id: NAME-tI
                        from:
                          uri: ledger:NAME
                          parameters: { target: tI, versionGuard: true, maximumRedeliveries: -1, redeliveryDelay: 100ms, maximumRedeliveryDelay: 1s }
                          steps:
                            - to: { uri: "kamelet:http-sink", parameters: { url: "TARGET/NAME" } }
                    """.replace("tI", "t" + i).replace("TARGET", targets.get(i).url()));
        }
        String text = file.toString()
                .replace("NAME", name)
                .replace("TOKEN", token)
                .replace("PREVIOUS", previous)
                .replace("STEP", step)
                .replace("URL", source.url());
        Path fresh = Files.writeString(folder.resolve(name + ".new"), text);
        Files.move(fresh, routes.resolve(name + ".camel.yaml"), StandardCopyOption.REPLACE_EXISTING);
    }

    private void writeReconciliations(String name) throws IOException {
        for (int i = 0; i < TARGETS; i++) {
            Files.writeString(routes.resolve(name + "-t" + i + ".reconcile.yaml"), """
                    flow: NAME
                    target: tI
                    key: .id
                    page: { url: "TARGET/NAME?page={page}", records: .records }
                    read: { url: "TARGET/NAME/{key}" }
                    lag: 200ms
                    every: 10m
                    hot: 1s
                    """.replace("NAME", name)
                    .replace("tI", "t" + i)
                    .replace("TARGET", targets.get(i).url()));
        }
    }
}
