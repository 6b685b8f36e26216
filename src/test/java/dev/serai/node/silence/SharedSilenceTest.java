package dev.serai.node.silence;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.serai.camel.SourceRegistry;
import dev.serai.camel.SourceReport;
import dev.serai.camel.SourceState;
import dev.serai.camel.SourceSum;
import dev.serai.ledger.MemoryCluster;
import dev.serai.ledger.VirtualTime;
import dev.serai.ledger.cluster.NodeNews;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.Receipt;
import dev.serai.rhythm.SourceMemory;
import dev.serai.support.CapturedLog;
import dev.serai.support.KameletRunner;
import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.camel.component.quartz.QuartzEndpoint;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.quartz.SimpleTrigger;

/** Nodes of this process share a ledger, and a source pushes to any of them. */
class SharedSilenceTest {
    private static final String ROUTES = """
            - route:
                id: orders-in
                from:
                  uri: kamelet:webhook-source
                  parameters: { path: /orders, scheme: none }
                  steps:
                    - to: { uri: "ledger:orders", parameters: { key: "${jq(.id)}", version: "${jq(.at)}" } }
            - route:
                id: orders-pull
                from:
                  uri: kamelet:http-pull-source
                  parameters: { interval: 4s, records: .items, url: "{{remote}}/orders" }
                  steps:
                    - to: { uri: "ledger:orders", parameters: { batch: true, key: "${jq(.id)}", version: "${jq(.at)}" } }
            """;
    private static final Duration PAUSE = Duration.ofSeconds(40);
    private static final String MEMORY = "serai:rhythm:push:orders-in";

    private static final int SHARDS = 4;

    private final MemoryCluster cluster = new MemoryCluster(SHARDS);
    private final VirtualTime time = new VirtualTime();
    private final Map<String, SharedNode> nodes = new TreeMap<>();

    @AutoClose
    private final RemoteSide remote =
            new RemoteSide(asked -> Answer.json("{\"items\":[{\"id\":\"of-before\",\"at\":1}]}"));

    private final class SharedNode {
        final KameletRunner runner;
        final SilenceWatch watch;
        volatile boolean isQuiet;

        SharedNode(String name) throws Exception {
            runner = KameletRunner.listeningInCluster(cluster, name);
            runner.context.getRegistry().bind("virtualTime", time);
            if (nodes.isEmpty()) {
                saveRhythm(runner);
            }
            runner.with(ROUTES, Map.of("remote", remote.url(""))).start();
            watch = new SilenceWatch(runner.context, runner.ledger());
            runner.ledger().talk().tell(() -> isQuiet ? NodeNews.NONE : new NodeNews(Map.of(), json(), Map.of()));
        }

        List<SourceReport> own() {
            return SourceRegistry.of(runner.context).reports();
        }

        String json() {
            return SourceSum.json(own());
        }

        /** As this node knows it, without what others say of their states. */
        SourceReport report(String name) {
            return own().stream()
                    .filter(report -> report.name().equals(name))
                    .findFirst()
                    .orElseThrow();
        }

        boolean hears(String other) {
            NodeNews said = runner.ledger().talk().news().get(other);
            return said != null && !said.sources().isEmpty();
        }

        long pullInterval() throws Exception {
            QuartzEndpoint endpoint = runner.context.getRoutes().stream()
                    .filter(route -> route.getEndpoint() instanceof QuartzEndpoint)
                    .map(route -> (QuartzEndpoint) route.getEndpoint())
                    .findFirst()
                    .orElseThrow();
            return ((SimpleTrigger) endpoint.getComponent().getScheduler().getTrigger(endpoint.getTriggerKey()))
                    .getRepeatInterval();
        }

        void push(String id) throws Exception {
            byte[] body = "{\"id\":\"%s\",\"at\":1}".formatted(id).getBytes(UTF_8);
            await().until(() -> runner.post("/orders", body, Map.of()).statusCode() == 202);
        }
    }

    private void saveRhythm(KameletRunner runner) throws Exception {
        SourceMemory memory = SourceMemory.none(ZoneId.systemDefault());
        Instant end = time.instant();
        Duration length = Duration.ofDays(9);
        for (Duration at = Duration.ZERO; at.compareTo(length) <= 0; at = at.plus(PAUSE)) {
            memory.rhythm().came(end.minus(length).plus(at), at.toMillis());
        }
        runner.ledger().saveCursor(new Cursor(MEMORY, memory.text(), end)).get(10, TimeUnit.SECONDS);
    }

    @BeforeEach
    void start() throws Exception {
        start("a");
        start("b");
    }

    private SharedNode start(String name) throws Exception {
        SharedNode node = new SharedNode(name);
        nodes.put(name, node);
        await("shards stay where they are").until(this::isShared);
        await().ignoreExceptions().until(() -> nodes.values().stream().allMatch(this::takesAllKeys));
        await().until(() -> {
            look();
            return nodes.keySet().stream().allMatch(one -> nodes.entrySet().stream()
                    .allMatch(other ->
                            other.getKey().equals(one) || other.getValue().hears(one)));
        });
        look();
        return node;
    }

    /** Whether each shard has a node, and none has more than its share; else pushes are refused now and then. */
    private boolean isShared() {
        List<String> owners = IntStream.range(0, SHARDS)
                .mapToObj(shard -> String.valueOf(cluster.owner(shard)))
                .toList();
        int most = (SHARDS + nodes.size() - 1) / nodes.size();
        return nodes.keySet().containsAll(owners)
                && nodes.keySet().stream().allMatch(name -> Collections.frequency(owners, name) <= most);
    }

    private boolean takesAllKeys(SharedNode node) {
        List<CompletableFuture<Receipt>> receipts = IntStream.range(0, 20)
                .mapToObj(key -> node.runner
                        .ledger()
                        .accept(new Change(
                                "others", "i" + key, "k" + key, null, Operation.UPSERT, null, Map.of(), new byte[0])))
                .toList();
        receipts.forEach(CompletableFuture::join);
        return true;
    }

    private void stop(String name) {
        SharedNode node = nodes.remove(name);
        node.watch.close();
        node.runner.close();
        await().until(() -> {
            look();
            return nodes.values().stream()
                    .noneMatch(other -> other.runner.ledger().talk().news().containsKey(name));
        });
        await().until(this::isShared);
        await().ignoreExceptions().until(() -> nodes.values().stream().allMatch(this::takesAllKeys));
    }

    @AfterEach
    void close() {
        nodes.values().forEach(node -> {
            node.watch.close();
            node.runner.close();
        });
    }

    private SharedNode a() {
        return node("a");
    }

    private SharedNode b() {
        return node("b");
    }

    private SharedNode node(String name) {
        SharedNode node = nodes.get(name);
        assertThat(node).isNotNull();
        return node;
    }

    private void look() {
        nodes.values().forEach(node -> node.watch.look());
    }

    private List<SourceState> states() {
        return nodes.values().stream()
                .map(node -> node.report("orders-in").state())
                .toList();
    }

    /** At all nodes. */
    private void awaitState(SourceState state) {
        await().untilAsserted(() -> {
            look();
            assertThat(states()).containsOnly(state);
        });
    }

    /** What the node with the first shard writes when all nodes say it. */
    private void awaitLines(CapturedLog log, int lines) {
        await().untilAsserted(() -> {
            look();
            assertThat(log.lines()).hasSize(lines);
        });
    }

    /** Until all nodes know what came to each of them. */
    private void awaitHeard() {
        Map<String, String> said = new TreeMap<>();
        nodes.forEach((name, node) -> said.put(name, node.json()));
        await().until(() -> nodes.entrySet().stream().allMatch(node -> said.entrySet().stream()
                .filter(one -> !one.getKey().equals(node.getKey()))
                .allMatch(one -> arrivals(node.getValue(), one.getKey()) >= arrivals(one.getValue()))));
        look();
    }

    private static long arrivals(SharedNode at, String of) {
        NodeNews said = at.runner.ledger().talk().news().get(of);
        return said == null ? -1 : arrivals(said.sources());
    }

    private static long arrivals(String json) {
        return SourceSum.read(json).orElse(List.of()).stream()
                .filter(report -> report.name().equals("orders-in"))
                .flatMap(report -> Stream.ofNullable(report.arrivals()))
                .findFirst()
                .orElse(-1L);
    }

    private void advance(int seconds) {
        time.advance(Duration.ofSeconds(seconds));
        look();
    }

    @Test
    void aPushThatComesToAnyNodeIsNoSilenceAtTheOthersAndTheirsIsToldOnce() throws Exception {
        try (CapturedLog log = new CapturedLog(SilenceWatch.class)) {
            for (int i = 0; i < 5; i++) {
                (i == 1 ? a() : b()).push("p" + i);
                awaitHeard();
                advance(100);
                assertThat(states()).containsOnly(SourceState.OK);
            }
            assertThat(a().report("orders-in").usualPause()).isEqualTo(PAUSE);

            advance(30);
            awaitState(SourceState.SILENT);
            assertThat(log.lines()).singleElement().asString().contains("The source orders-in is silent: no push was");

            a().push("back");
            awaitState(SourceState.OK);
            awaitLines(log, 2);
            assertThat(log.lines())
                    .last()
                    .asString()
                    .contains("The source orders-in is not silent any more, after 2 min");
        }
    }

    @Test
    void whatANodeDoesNotTellIsNoSilence() throws Exception {
        b().push("p");
        awaitHeard();
        b().isQuiet = true;
        await().until(() -> !a().hears("b"));
        advance(600);
        advance(600);
        assertThat(a().report("orders-in").state()).isEqualTo(SourceState.OK);

        b().isQuiet = false;
        await().until(() -> a().hears("b"));
        look();
        assertThat(a().report("orders-in").state()).isEqualTo(SourceState.OK);
        advance(130);
        assertThat(a().report("orders-in").state()).isEqualTo(SourceState.SILENT);
    }

    @Test
    void aNodeThatStopsBeginsNoSilence() throws Exception {
        b().push("p");
        awaitHeard();
        advance(100);
        stop("b");
        advance(100);
        assertThat(states()).containsExactly(SourceState.OK);
        advance(30);
        assertThat(states()).containsExactly(SourceState.SILENT);
    }

    @Test
    void aSilenceGoesOnWhileAllNodesAreStartedAgainOneAfterTheOtherAndIsToldOnce() throws Exception {
        b().push("p");
        awaitHeard();
        Instant last = time.instant();
        try (CapturedLog log = new CapturedLog(SilenceWatch.class)) {
            advance(130);
            awaitState(SourceState.SILENT);
            start("c");
            awaitState(SourceState.SILENT);
            stop("a");
            awaitState(SourceState.SILENT);
            start("d");
            awaitState(SourceState.SILENT);
            stop("b");
            awaitState(SourceState.SILENT);
            stop("c");
            awaitState(SourceState.SILENT);

            assertThat(node("d").report("orders-in").since()).isEqualTo(last);
            assertThat(log.lines()).hasSize(1);
            node("d").push("back");
            awaitState(SourceState.OK);
            awaitLines(log, 2);
        }
    }

    @Test
    void thePullRunsMoreOftenAtTheNodeThatHasIt() throws Exception {
        b().push("p");
        awaitHeard();
        List<SharedNode> running = new ArrayList<>();
        await().until(() -> {
            nodes.values().stream()
                    .filter(node -> node.report("orders-pull").runs() > 0)
                    .forEach(running::add);
            return !running.isEmpty();
        });
        advance(130);
        awaitState(SourceState.SILENT);
        assertThat(running.get(0).pullInterval()).isEqualTo(1_000);

        b().push("back");
        awaitState(SourceState.OK);
        look();
        assertThat(running.get(0).pullInterval()).isEqualTo(4_000);
    }

    @Test
    void whatWasLearnedIsSavedByTheNodeWithTheFirstShardAndKnownToTheNext() throws Exception {
        a().push("p");
        awaitHeard();
        SharedNode first = a().runner.ledger().isFirstOwn() ? a() : b();
        String saved = memory(first);
        time.advance(PAUSE);
        a().push("q");
        awaitHeard();
        stop(first == a() ? "b" : "a");
        assertThat(memory(first).equals(saved))
                .as("after another node has stopped")
                .isTrue();

        first.watch.close();
        assertThat(memory(first).equals(saved)).isFalse();
        assertThat(start("c").report("orders-in").usualPause()).isEqualTo(PAUSE);
    }

    private static String memory(SharedNode node) {
        return node.runner.ledger().cursor(MEMORY).orElseThrow().value();
    }
}
