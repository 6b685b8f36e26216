package dev.serai.connector.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.serai.camel.SourceRegistry;
import dev.serai.camel.SourceReport;
import dev.serai.camel.SourceState;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.LedgerException;
import dev.serai.support.KameletRunner;
import dev.serai.support.TcpPeer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.camel.Processor;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TcpSourceTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ROUTE = """
            - route:
                id: in
                from:
                  uri: kamelet:tcp-source
                  parameters:
                    port: 0
            %s
                  steps:
            %s
                    - to:
                        uri: ledger:chat
                        parameters:
                          id: "${jq(.id)}"
                          key: "${jq(.key)}"
            """;

    @TempDir
    private Path data;

    @AutoClose
    private final KameletRunner runner = new KameletRunner(() -> data);

    private void start(String parameters) throws Exception {
        start(parameters, "");
    }

    private void start(String parameters, String steps) throws Exception {
        runner.with(route(parameters, steps), Map.of("serai.limits.bodyBytes", "50000"))
                .start();
    }

    private static String route(String parameters, String steps) {
        return ROUTE.formatted(
                parameters.indent(8).stripTrailing(), steps.indent(8).stripTrailing());
    }

    private TcpPeer connect() throws Exception {
        return TcpPeer.connect(runner.context, "line");
    }

    /** The port takes connections on several threads, so two that come one after the other may be taken in any order. */
    private TcpPeer connectAndWait() throws Exception {
        TcpPeer peer = connect();
        Awaitility.await().until(() -> peer.isTaken(runner.context));
        return peer;
    }

    private static String change(int number, String key) {
        return "{\"id\":\"m-%d\",\"key\":\"%s\",\"text\":\"ä\"}".formatted(number, key);
    }

    private List<Entry> changes() {
        return runner.accepted("chat");
    }

    private static JsonNode json(String answer) throws Exception {
        assertThat(answer).isNotNull();
        return JSON.readTree(answer);
    }

    private static void assertError(String answer, int status, String text) throws Exception {
        JsonNode json = json(answer);
        assertThat(json.path("error").asText()).contains(text);
        assertThat(json.path("status").asInt()).isEqualTo(status);
        assertThat(json.path("permanent").asBoolean()).isEqualTo(status < 500 && status != 408);
    }

    @Test
    void itsStateCountsWhatItAcceptsAndRefuses() throws Exception {
        start("framing: line");
        try (TcpPeer peer = connect()) {
            peer.ask(change(1, "k"));
            peer.ask(change(1, "k"));
            peer.ask("[1]");
        }

        SourceReport report = SourceRegistry.of(runner.context).reports().get(0);
        assertThat(report.kind()).isEqualTo("tcp");
        assertThat(report.flows()).containsExactly("chat");
        assertThat(report.accepted()).isEqualTo(1);
        assertThat(report.duplicates()).isEqualTo(1);
        assertThat(report.refused()).containsExactly(Map.entry("unreadable", 1L));
        assertThat(report.state()).isEqualTo(SourceState.FAILING);
        assertThat(report.reason())
                .isEqualTo("1 of the last 3 requests were refused, most of them as unreadable (400)");
    }

    // ---- The good path

    @ParameterizedTest
    @ValueSource(strings = {"line", "length"})
    void aFrameIsAnsweredWhenItsChangeCanBeReadFromTheStore(String framing) throws Exception {
        start("framing: " + framing);
        try (TcpPeer peer = TcpPeer.connect(runner.context, framing)) {
            for (int i = 0; i < 50; i++) {
                long sequence = json(peer.ask(change(i, "k"))).path("sequence").asLong();

                Entry entry = runner.ledger().change("chat", sequence).orElseThrow();
                assertThat(new String(entry.change().body(), java.nio.charset.StandardCharsets.UTF_8))
                        .isEqualTo(change(i, "k"));
                assertThat(entry.change().contentType()).isEqualTo("application/json");
                assertThat(entry.change().passedHeaders()).isEmpty();
                assertThat(entry.change().client()).isEqualTo("127.0.0.1");
            }
            long first = changes().get(49).sequence();
            assertThat(peer.ask(change(0, "k")))
                    .isEqualTo("{\"id\":\"m-0\",\"sequence\":" + first + ",\"duplicate\":true}");
        }
    }

    @Test
    void fiveThousandFramesSentWithoutWaitingAreAnsweredInOrderAndKeepTheOrderOfTheirKeys() throws Exception {
        start("");

        assertOrderKept(5_000);
    }

    @Test
    void aRouteThatChangesThreadsBeforeTheLedgerKeepsTheOrder() throws Exception {
        AtomicInteger count = new AtomicInteger();
        runner.context.getRegistry().bind("uneven", (Processor) exchange -> {
            if (count.incrementAndGet() % 3 == 0) {
                Thread.yield();
            }
        });
        start("", "- threads: { poolSize: 8, maxPoolSize: 8 }\n- process: { ref: uneven }");

        assertOrderKept(2_000);
    }

    private void assertOrderKept(int frames) throws Exception {
        try (TcpPeer peer = connect()) {
            Thread sender = new Thread(() -> sendAll(peer, frames));
            sender.start();
            Map<String, Long> last = new HashMap<>();
            for (int i = 0; i < frames; i++) {
                JsonNode answer = json(peer.read());
                assertThat(answer.path("id").asText()).isEqualTo("m-" + i);
                long sequence = answer.path("sequence").asLong();
                assertThat(sequence).isGreaterThan(last.getOrDefault(key(i), 0L));
                last.put(key(i), sequence);
            }
            sender.join();
        }
        assertThat(changes()).hasSize(frames);
    }

    private static String key(int number) {
        return "k" + number % 17;
    }

    private static void sendAll(TcpPeer peer, int frames) {
        try {
            for (int i = 0; i < frames; i++) {
                peer.send(change(i, key(i)));
            }
            peer.flush();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void aPeerThatClosesItsOutputStillGetsAllAnswers() throws Exception {
        start("");
        try (TcpPeer peer = connect()) {
            for (int i = 0; i < 300; i++) {
                peer.send(change(i, "k"));
            }
            peer.endOutput();

            for (int i = 0; i < 300; i++) {
                assertThat(json(peer.read()).path("id").asText()).isEqualTo("m-" + i);
            }
            assertThat(peer.read()).isNull();
        }
    }

    @Test
    void aFrameThatTheRouteDropsIsAnsweredWithoutASequence() throws Exception {
        start("", "- filter: { expression: { jq: { expression: '.key == \"drop\"' } }, steps: [ { stop: {} } ] }");
        try (TcpPeer peer = connect()) {
            assertThat(peer.ask(change(1, "drop"))).isEqualTo("{\"id\":null,\"sequence\":null,\"duplicate\":false}");
        }
    }

    @Test
    void aPeerWithTooManyUnansweredFramesIsNotRead() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        runner.context.getRegistry().bind("wait", (Processor) exchange -> go.await());
        start("", "- process: { ref: wait }");
        int frames = 2_000;
        String pad = "x".repeat(16_000);
        AtomicInteger sent = new AtomicInteger();
        try (TcpPeer peer = connect()) {
            Thread sender = new Thread(() -> {
                try {
                    for (int i = 0; i < frames; i++) {
                        peer.send("{\"id\":\"m-%d\",\"key\":\"k\",\"pad\":\"%s\"}".formatted(i, pad));
                        sent.incrementAndGet();
                    }
                    peer.flush();
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            sender.start();

            AtomicInteger before = new AtomicInteger(-1);
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> sent.get() > 0 && before.getAndSet(sent.get()) == sent.get());
            assertThat(sent.get()).isLessThan(frames);

            go.countDown();
            for (int i = 0; i < frames; i++) {
                assertThat(json(peer.read()).path("id").asText()).isEqualTo("m-" + i);
            }
            sender.join();
        }
    }

    // ---- Bad input

    @Test
    void badFramesAreAnsweredInOrderAndTheConnectionStaysOpen() throws Exception {
        start("");
        try (TcpPeer peer = connect()) {
            peer.send(change(1, "k"));
            peer.send("{\"id\":");
            peer.send("[]");
            peer.send("");
            peer.send("{} {}");
            peer.send("{\"id\":\"no key\"}");
            peer.send("{\"a\":".repeat(5_000));
            peer.send(change(2, "k"));
            peer.flush();

            assertThat(json(peer.read()).path("id").asText()).isEqualTo("m-1");
            assertError(peer.read(), 400, "not one JSON object: Unexpected end-of-input");
            assertError(peer.read(), 400, "not an object");
            assertError(peer.read(), 400, "something comes after");
            assertError(peer.read(), 422, "the change has no key");
            assertError(peer.read(), 400, "nesting depth");
            assertThat(json(peer.read()).path("id").asText()).isEqualTo("m-2");
            assertError(peer.ask("{\"id\":\"m-1\",\"key\":\"k\",\"text\":\"other\"}"), 409, "accepted before");
        }
        assertThat(changes()).hasSize(2);
    }

    @Test
    void anIncompleteFrameIsNotAccepted() throws Exception {
        start("");
        try (TcpPeer dying = connect();
                TcpPeer ending = connect();
                TcpPeer other = connect()) {
            dying.raw("{\"id\":\"half\",\"key\":\"k\"}");
            dying.reset();
            ending.raw(change(1, "k") + "\n{\"id\":\"half\",\"key\":\"k\"}");
            ending.endOutput();

            assertThat(json(ending.read()).path("id").asText()).isEqualTo("m-1");
            assertError(ending.read(), 400, "ended within a frame");
            assertThat(ending.read()).isNull();
            assertThat(json(other.ask(change(2, "k"))).path("id").asText()).isEqualTo("m-2");
        }
        assertThat(changes()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"line", "length"})
    void aFrameThatIsTooLargeIsAnsweredAndEndsItsOwnConnectionOnly(String framing) throws Exception {
        start("framing: " + framing);
        try (TcpPeer other = TcpPeer.connect(runner.context, framing);
                TcpPeer peer = TcpPeer.connect(runner.context, framing)) {
            peer.send(change(1, "k"));
            peer.send("{\"id\":\"large\",\"key\":\"k\",\"pad\":\"" + "x".repeat(1_000_000) + "\"}");
            peer.flush();

            assertThat(json(peer.read()).path("id").asText()).isEqualTo("m-1");
            assertError(peer.read(), 413, "50000");
            assertThat(peer.read()).isNull();
            assertThat(json(other.ask(change(2, "k"))).path("id").asText()).isEqualTo("m-2");
        }
    }

    @Test
    void anotherFramingIsReportedAsTheReason() throws Exception {
        start("");
        try (TcpPeer peer = connect()) {
            peer.raw("\0\0\0\2{}");
            assertError(peer.read(), 400, "framing=length");
            assertThat(peer.read()).isNull();
        }
    }

    @Test
    void linesOnAPortForLengthsAreReportedAsTheReason() throws Exception {
        start("framing: length");
        try (TcpPeer peer = TcpPeer.connect(runner.context, "length")) {
            peer.raw("{\"id\":\"a\",\"key\":\"k\"}\n");
            assertError(peer.read(), 413, "check that the sender uses framing=length");
            assertThat(peer.read()).isNull();
        }
    }

    @Test
    void aWebPageThatPostsHereChangesNothing() throws Exception {
        start("");
        try (TcpPeer peer = connect()) {
            peer.raw("POST / HTTP/1.1\r\nContent-Length: 24\r\n\r\n" + change(1, "k") + "\n");
            assertError(peer.read(), 400, "not HTTP");
            assertThat(peer.read()).isNull();
        }
        assertThat(changes()).isEmpty();
    }

    // ---- Limits

    @Test
    void aSlowFrameClosesTheConnection() throws Exception {
        start("frameTimeout: 300ms");
        try (TcpPeer slow = connect()) {
            slow.raw(change(1, "k") + "\n{\"id\":");
            assertThat(json(slow.read()).path("id").asText()).isEqualTo("m-1");
            assertError(slow.read(), 408, "within 300 ms");
            assertThat(slow.read()).isNull();
        }
        try (TcpPeer other = connect()) {
            assertThat(json(other.ask(change(2, "k"))).path("id").asText()).isEqualTo("m-2");
        }
    }

    @Test
    void anIdleConnectionIsClosedWithoutAnError() throws Exception {
        start("idleTimeout: 2s");
        try (TcpPeer peer = connect()) {
            assertThat(json(peer.ask(change(1, "k"))).path("id").asText()).isEqualTo("m-1");
            assertThat(peer.read()).isNull();
        }
    }

    @Test
    void connectionsAboveTheLimitAreRefusedUntilAnotherEnds() throws Exception {
        start("connections: 1");
        try (TcpPeer first = connect()) {
            assertThat(json(first.ask(change(1, "k"))).path("id").asText()).isEqualTo("m-1");
            try (TcpPeer second = connect()) {
                assertError(second.read(), 503, "1 connections open");
                assertThat(second.read()).isNull();
            }
            assertThat(json(first.ask(change(2, "k"))).path("id").asText()).isEqualTo("m-2");
        }
        Awaitility.await().untilAsserted(() -> {
            try (TcpPeer third = connect()) {
                assertThat(json(third.ask(change(3, "k"))).path("id").asText()).isEqualTo("m-3");
            }
        });
    }

    @Test
    void connectionsThatHaveSentNothingGiveWayToNewOnes() throws Exception {
        start("connections: 2");
        try (TcpPeer silent = connectAndWait();
                TcpPeer silentToo = connectAndWait();
                TcpPeer sender = connectAndWait()) {
            assertThat(json(sender.ask(change(1, "k"))).path("id").asText()).isEqualTo("m-1");
            assertThat(silent.read()).isNull();
            assertThat(json(silentToo.ask(change(2, "k"))).path("id").asText()).isEqualTo("m-2");
            try (TcpPeer tooMany = connect()) {
                assertError(tooMany.read(), 503, "2 connections open");
            }
        }
    }

    @Test
    void aConnectionWithoutAFirstFrameIsClosedSoonerThanAnIdleOne() throws Exception {
        start("frameTimeout: 300ms");
        try (TcpPeer silent = connect();
                TcpPeer sender = connect()) {
            assertThat(json(sender.ask(change(1, "k"))).path("id").asText()).isEqualTo("m-1");
            assertThat(silent.read()).isNull();
            assertThat(json(sender.ask(change(2, "k"))).path("id").asText()).isEqualTo("m-2");
        }
    }

    @Test
    void anOverloadedLedgerIsAnErrorWithRetryAfter() throws Exception {
        runner.context.getRegistry().bind("overloaded", (Processor) exchange -> {
            throw new LedgerException.Overloaded("more changes arrive than can be made durable", Duration.ofSeconds(2));
        });
        start(
                "",
                "- filter: { expression: { jq: { expression: '.key == \"much\"' } }, steps: [ { process: { ref: overloaded } } ] }");
        try (TcpPeer peer = connect()) {
            assertThat(peer.ask(change(1, "much")))
                    .isEqualTo(
                            "{\"error\":\"more changes arrive than can be made durable\",\"status\":503,\"retryAfter\":2}");
            assertThat(json(peer.ask(change(2, "k"))).path("id").asText()).isEqualTo("m-2");
        }
    }

    @Test
    void aFailureOfTheRouteRevealsNoInternals() throws Exception {
        runner.context.getRegistry().bind("broken", (Processor) exchange -> {
            throw new IllegalStateException("password=hidden");
        });
        start("", "- process: { ref: broken }");
        try (TcpPeer peer = connect()) {
            String answer = peer.ask(change(1, "k"));
            assertError(answer, 500, "An error in this server");
            assertThat(answer).doesNotContain("hidden");
        }
    }

    // ---- Start and stop

    @Test
    void framesReadBeforeTheStopAreAnsweredAndNothingElseIsInTheLedger() throws Exception {
        start("");
        List<String> answered = new ArrayList<>();
        try (TcpPeer peer = connect()) {
            Thread sender = new Thread(() -> {
                try {
                    for (int i = 0; i < 1_000_000; i++) {
                        peer.send(change(i, key(i)));
                    }
                } catch (java.io.IOException e) {
                    // the source stopped
                }
            });
            sender.start();
            Thread stopper = new Thread(runner.context::stop);
            String answer;
            while ((answer = peer.read()) != null) {
                if (json(answer).has("sequence")) {
                    answered.add(json(answer).path("id").asText());
                }
                if (answered.size() == 500) {
                    stopper.start();
                }
            }
            stopper.join();
            peer.close();
            sender.join();
        }
        try (KameletRunner again = new KameletRunner(data)) {
            List<Entry> kept = again.accepted("chat");
            assertThat(kept.stream().map(entry -> entry.change().id()).collect(Collectors.toSet()))
                    .containsExactlyInAnyOrderElementsOf(answered);
            again.ledger().close();
        }
    }

    @Test
    void aRestartedRouteAcceptsChangesAgain() throws Exception {
        start("");
        runner.context.getRouteController().stopAllRoutes();
        runner.context.getRouteController().startAllRoutes();
        try (TcpPeer peer = connect()) {
            assertThat(json(peer.ask(change(1, "k"))).path("id").asText()).isEqualTo("m-1");
        }
    }

    @Test
    void wrongOptionsAreReported() {
        for (Map.Entry<String, String> wrong : Map.of(
                        "framing: lines", "framing is line, length or delimiter",
                        "tls: true", "set keyStore",
                        "tls: true\nkeyStore: /no/such/file", "does not exist or cannot be read",
                        "trustedCertificates: x.pem", "set tls to true",
                        "connections: 0", "connections must be a number above 0",
                        "frameTimeout: soon", "frameTimeout must be a duration")
                .entrySet()) {
            assertThatThrownBy(() -> {
                        try (KameletRunner broken = new KameletRunner(data)) {
                            broken.with(route(wrong.getKey(), ""), Map.of()).start();
                        }
                    })
                    .as(wrong.getKey())
                    .hasStackTraceContaining(wrong.getValue());
        }
    }

    @Test
    void aTakenPortIsABindException() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> runner.with(
                                    route("", "").replace("port: 0", "port: " + taken.getLocalPort()), Map.of())
                            .start())
                    .hasRootCauseInstanceOf(java.net.BindException.class);
        }
    }
}
