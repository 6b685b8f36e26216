package dev.serai.connector.tcp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.camel.AttemptTranscript;
import dev.serai.camel.ledger.OutcomeReader;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.model.Attempt;
import dev.serai.support.KameletRunner;
import dev.serai.support.RefusingPort;
import dev.serai.support.SlowPeer;
import dev.serai.support.TcpTarget;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TcpSinkTest {
    private static final String ROUTE = """
            - route:
                from:
                  uri: direct:in
                  steps:
                    - to:
                        uri: kamelet:tcp-sink
                        parameters:
                          host: 127.0.0.1
                          port: "{{remote.port}}"
            """;
    private static final byte[] BODY = "{\"a\":\"ä\"}".getBytes(UTF_8);
    private static final Map<String, Object> CHANGE =
            Map.of("CamelLedgerId", "id-1", "CamelLedgerKey", "k-1", "CamelLedgerFlow", "orders");

    @TempDir
    private Path data;

    @AutoClose
    private final KameletRunner runner = new KameletRunner(() -> data);

    @AutoClose
    private final TcpTarget target = new TcpTarget("line", (frame, socket) -> TcpTarget.line(socket, "{\"ok\":true}"));

    private void start(String parameters) throws Exception {
        start(target.port(), parameters);
    }

    private void start(int port, String parameters) throws Exception {
        runner.with(ROUTE + parameters.indent(14), Map.of("remote.port", String.valueOf(port)))
                .start();
    }

    private Outcome send(Object body) {
        return new OutcomeReader(Clock.systemUTC()).of(runner.send("direct:in", body, CHANGE));
    }

    private Outcome send() {
        return send(BODY);
    }

    private static void assertOutage(Outcome outcome, String error) {
        assertThat(outcome).isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
            assertThat(failed.error()).contains(error);
            assertThat(failed.outage()).isTrue();
        });
    }

    @Test
    void theBodyIsSentUnchangedAndTheConnectionIsReused() throws Exception {
        start("");

        for (int i = 0; i < 20; i++) {
            Exchange result = runner.sendOk("direct:in", BODY, CHANGE);
            assertThat(result.getMessage().getBody(String.class)).isEqualTo("{\"ok\":true}");
            assertThat(result.getMessage().getHeaders()).containsAllEntriesOf(CHANGE);
        }

        assertThat(target.frames).hasSize(20).containsOnly("{\"a\":\"ä\"}");
        assertThat(target.connections).hasValue(1);
    }

    @Test
    void withLengthsLineEndsAreSentUnchanged() throws Exception {
        try (TcpTarget lengths = new TcpTarget("length", (frame, socket) -> TcpTarget.length(socket, "taken"))) {
            start(lengths.port(), "framing: length");

            assertThat(send("two\nlines".getBytes(UTF_8))).isEqualTo(new Outcome.Delivered(null));
            assertThat(lengths.frames).containsExactly("two\nlines");
        }
    }

    @Test
    void jsonOfSeveralLinesBecomesOneLine() throws Exception {
        start("");

        assertThat(send("{\n  \"a\": \"x\\ny\",\r\n  \"n\": 1.10\n}".getBytes(UTF_8)))
                .isEqualTo(new Outcome.Delivered(null));
        assertThat(target.frames).containsExactly("{   \"a\": \"x\\ny\",    \"n\": 1.10 }");
    }

    @ParameterizedTest
    @ValueSource(strings = {"two\nlines", "", "{\"a\":1}\n{\"a\":2}"})
    void whatIsNoLineIsRefused(String body) throws Exception {
        start("");

        assertThat(send(body.getBytes(UTF_8))).isInstanceOf(Outcome.Refused.class);
        assertThat(target.frames).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"OK", "", "{}", "[]", "{\"error\":null}", "{\"id\":\"a\",\"sequence\":1}"})
    void anyAnswerWithoutAnErrorMeansDelivered(String answer) throws Exception {
        target.script = (frame, socket) -> TcpTarget.line(socket, answer);
        start("");

        assertThat(send()).isEqualTo(new Outcome.Delivered(null));
    }

    @Test
    void anErrorIsAFailureThatIsRetried() throws Exception {
        target.script = (frame, socket) -> TcpTarget.line(socket, "{\"error\":\"busy\",\"retryAfter\":7}");
        start("");

        assertThat(send())
                .isEqualTo(new Outcome.Failed(null, "the target answered: busy", Duration.ofSeconds(7), false));
        assertThat(target.frames).hasSize(1);
    }

    @Test
    void aFailureKeepsWhatWasSentAndAnswered() throws Exception {
        target.script = (frame, socket) -> TcpTarget.line(socket, "{\"error\":\"busy\"}");
        start("");

        assertThat(AttemptTranscript.of(runner.send("direct:in", BODY, CHANGE)))
                .isEqualTo(new Attempt.Transcript(
                        "TCP 127.0.0.1:" + target.port() + "\n\n{\"a\":\"ä\"}", "{\"error\":\"busy\"}"));
        target.script = (frame, socket) -> socket.close();
        assertThat(AttemptTranscript.of(runner.send("direct:in", new byte[] {1, 0, 2}, CHANGE)))
                .isEqualTo(new Attempt.Transcript(
                        "TCP 127.0.0.1:" + target.port() + "\n\n(3 bytes that are not text)", null));
        target.script = (frame, socket) -> TcpTarget.line(socket, "ok");
        assertThat(AttemptTranscript.of(runner.send("direct:in", BODY, CHANGE))).isNull();
    }

    @Test
    void aPermanentErrorIsGivenUp() throws Exception {
        target.script = (frame, socket) -> TcpTarget.line(socket, "{\"error\":{\"code\":5},\"permanent\":true}");
        start("");

        assertThat(send()).isEqualTo(new Outcome.Refused(null, "the target answered: {\"code\":5}"));
    }

    @Test
    void anIncompleteObjectDoesNotConfirmTheChange() throws Exception {
        target.script = (frame, socket) -> TcpTarget.line(socket, "{\"err");
        start("");

        assertOutage(send(), "begins like a JSON object");
    }

    @Test
    void anAnswerOfAnotherFramingDoesNotConfirmTheChange() throws Exception {
        target.script = (frame, socket) -> TcpTarget.line(socket, "{\"ok\":true}");
        try (TcpTarget lengths = new TcpTarget("length", (frame, socket) -> TcpTarget.line(socket, "{\"ok\":true}"))) {
            start(lengths.port(), "framing: length");

            assertOutage(send(), "the answer cannot be read");
        }
    }

    @Test
    void afterTheTargetClosedTheConnectionTheSinkReconnects() throws Exception {
        start("");
        assertThat(send()).isEqualTo(new Outcome.Delivered(null));

        target.hangUp();

        Awaitility.await().untilAsserted(() -> assertThat(send()).isEqualTo(new Outcome.Delivered(null)));
        assertThat(target.connections).hasValue(2);
    }

    @Test
    void aTargetThatClosesTheConnectionInsteadOfAnsweringIsAnOutage() throws Exception {
        target.script = (frame, socket) -> socket.close();
        start("");

        assertOutage(send(), "closed the connection before it answered");
        assertThat(target.frames).hasSize(1);
    }

    /** Behaves like a proxy of a target that is down. */
    @Test
    void aTargetThatAcceptsAndClosesConnectionsIsAnOutage() throws Exception {
        try (ServerSocket closing = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread acceptor = new Thread(() -> acceptAndClose(closing));
            acceptor.start();
            start(closing.getLocalPort(), "");
            for (int i = 0; i < 200; i++) {
                Outcome outcome = send();
                if (outcome instanceof Outcome.Unreachable) {
                    continue; // it was closed before anything could be sent
                }
                assertThat(outcome).isInstanceOfSatisfying(Outcome.Failed.class, failed -> assertThat(failed.outage())
                        .as(failed.error())
                        .isTrue());
            }
            closing.close();
            acceptor.join();
        }
    }

    private static void acceptAndClose(ServerSocket server) {
        try {
            while (true) {
                server.accept().close();
            }
        } catch (IOException e) {
            // the test has ended
        }
    }

    @Test
    void aMissingTargetIsUnreachable() throws Exception {
        try (RefusingPort nobody = new RefusingPort()) {
            start(nobody.number(), "");

            for (int i = 0; i < 100; i++) { // the pool may find out before the sink does
                assertThat(send()).isInstanceOf(Outcome.Unreachable.class);
            }
        }
    }

    @Test
    void aLateAnswerIsATimeoutAndNotTheAnswerToTheNextFrame() throws Exception {
        target.script = (frame, socket) -> {
            if (target.frames.size() > 1) {
                TcpTarget.line(socket, "second");
            }
        };
        start("timeout: 300ms");

        assertOutage(send(), "no complete answer within 300 ms");
        AtomicReference<Exchange> second = new AtomicReference<>();
        AtomicInteger sent = new AtomicInteger(1);
        Awaitility.await()
                .until(
                        () -> { // on a slow machine this answer may be late, too
                            second.set(runner.send("direct:in", BODY, CHANGE));
                            sent.incrementAndGet();
                            return !second.get().isFailed();
                        });
        assertThat(second.get().getMessage().getBody(String.class)).isEqualTo("second");
        assertThat(target.connections).hasValue(sent.get());
    }

    @Test
    void aTargetThatDribblesIsCutOffAtTheTimeout() throws Exception {
        target.script = (frame, socket) -> SlowPeer.dribble(socket);
        start("timeout: 500ms");

        assertOutage(send(), "no complete answer within 500 ms");
    }

    @Test
    void anUnrequestedFrameIsNotTakenAsAnAnswer() throws Exception {
        target.script = (frame, socket) -> TcpTarget.line(socket, "yes\nand {\"error\":\"no\"}");
        start("");

        assertThat(send()).isEqualTo(new Outcome.Delivered(null));
        assertThat(send()).isEqualTo(new Outcome.Delivered(null));
        assertThat(target.connections).hasValueGreaterThan(1);
    }

    @Test
    void anEndlessAnswerIsAborted() throws Exception {
        target.script = (frame, socket) -> {
            byte[] much = "x".repeat(100_000).getBytes(UTF_8);
            while (true) {
                socket.getOutputStream().write(much);
            }
        };
        start("");

        assertOutage(send(), "longer than 1048576 bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"220 ready\r\n", "220-shop\r\n220 ready\r\n", "login: "})
    void aGreetingIsNoAnswer(String greeting) throws Exception {
        target.greeting = greeting;
        target.script = (frame, socket) -> TcpTarget.line(socket, "{\"error\":\"unknown\",\"permanent\":true}");
        start("");

        for (int i = 0; i < 3; i++) {
            assertThat(send()).isInstanceOf(Outcome.Refused.class);
        }
        assertThat(target.frames).hasSize(3);
    }

    @Test
    void aGreetingThatIsExpectedIsAwaited() throws Exception {
        start("greeting: \"true\"\ntimeout: 1s");

        assertOutage(send(), "no greeting within 1000 ms");
        assertThat(target.frames).isEmpty();
    }

    @Test
    void whatTheAnswerMustBeIsAsked() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        target.script = (frame, socket) -> TcpTarget.line(socket, asked.getAndIncrement() == 0 ? "450 busy" : "250 ok");
        start("deliveredWhen: 'startswith(\"250\")'\ngreeting: \"false\"");

        assertThat(send()).isInstanceOfSatisfying(Outcome.Failed.class, failed -> assertThat(failed.error())
                .contains("450 busy"));
        assertThat(send()).isEqualTo(new Outcome.Delivered(null));
    }

    @Test
    void aWholeJsonAnswerCountsWithoutItsLineEnd() throws Exception {
        target.script = (frame, socket) -> {
            socket.getOutputStream().write("{\"ok\":true}".getBytes(UTF_8));
            socket.close();
        };
        start("");

        assertThat(send()).isEqualTo(new Outcome.Delivered(null));
    }

    // ---- Batches

    private List<Exchange> batch(String... bodies) {
        return Stream.of(bodies)
                .map(body -> runner.change(body.getBytes(UTF_8), new HashMap<>(CHANGE)))
                .toList();
    }

    @Test
    void theTextsOfABatchAreSentTogetherAndTheirAnswersBelongToThemInOrder() throws Exception {
        CountDownLatch allCame = new CountDownLatch(3);
        try (TcpTarget pipelined = new TcpTarget("line", (frame, socket) -> {
            allCame.countDown();
            if (allCame.getCount() == 0) { // one packet with all answers
                socket.getOutputStream().write("{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n".getBytes(UTF_8));
            }
        })) {
            start(pipelined.port(), "");

            assertThat(send(batch("a", "b", "c"))).isEqualTo(new Outcome.Delivered(null));
            assertThat(pipelined.frames).containsExactly("a", "b", "c");
            assertThat(pipelined.connections).hasValue(1);
        }
    }

    @Test
    void aBatchOfWhichOneIsRefusedIsNotDelivered() throws Exception {
        try (TcpTarget refusing = new TcpTarget(
                "length",
                (frame, socket) -> TcpTarget.length(
                        socket, frame.equals("b") ? "{\"error\":\"not b\",\"permanent\":true}" : "{\"ok\":true}"))) {
            start(refusing.port(), "framing: length");

            assertThat(send(batch("a", "b", "c")))
                    .isInstanceOfSatisfying(Outcome.Refused.class, refused -> assertThat(refused.error())
                            .contains("not b"));
            assertThat(refusing.frames).containsExactly("a", "b", "c");
            assertThat(send(batch("a", "c"))).isEqualTo(new Outcome.Delivered(null));
        }
    }

    @Test
    void aBatchThatIsNotAnsweredWholeIsAnOutage() throws Exception {
        try (TcpTarget half = new TcpTarget("line", (frame, socket) -> {
            if (frame.equals("a")) {
                TcpTarget.line(socket, "{\"ok\":true}");
            } else {
                socket.close();
            }
        })) {
            start(half.port(), "");

            assertOutage(send(batch("a", "b")), "closed the connection before it answered");
        }
    }

    @Test
    void aBatchWithAMissingAnswerSaysWhichAtTheTimeout() throws Exception {
        try (TcpTarget silent = new TcpTarget("line", (frame, socket) -> {
            if (frame.equals("a")) {
                TcpTarget.line(socket, "{\"ok\":true}");
            }
        })) {
            start(silent.port(), "timeout: 300ms");

            assertOutage(send(batch("a", "b")), "no complete answer to text 2 of 2 of the batch within 300 ms");
        }
    }

    @Test
    void aChangeOfABatchThatCannotBeSentIsRefusedBeforeAnythingIs() throws Exception {
        start("");

        assertThat(send(batch("a", "two\nlines"))).isInstanceOf(Outcome.Refused.class);
        assertThat(target.frames).isEmpty();
    }
}
