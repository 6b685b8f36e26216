package dev.serai.connector.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.serai.camel.NonBlockingStep;
import dev.serai.camel.StopDeadline;
import dev.serai.ledger.delivery.CircuitState;
import dev.serai.ledger.delivery.TargetStatus;
import dev.serai.ledger.model.Attempt;
import dev.serai.support.KameletRunner;
import dev.serai.support.Patience;
import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import dev.serai.support.RemoteSide.Asked;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.support.service.ServiceHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** http-sink as the target of a flow: on which threads deliveries run, and which they hold. */
class HttpSinkDeliveryTest {
    private static final int CONCURRENCY = 32;
    private static final String IN = """
            - route:
                from:
                  uri: direct:in
                  steps:
                    - to:
                        uri: ledger:orders
                        parameters: { key: "${header.key}" }
            """;
    private static final String OUT = """
            - route:
                from:
                  uri: ledger:orders
                  parameters: { target: platform, concurrency: 32, redeliveryDelay: 50ms }
                  steps:
                    - to:
                        uri: kamelet:http-sink
                        parameters: { url: "{{remote}}/in" }
                    - process: { ref: after }
            """;

    @TempDir
    private Path data;

    private KameletRunner runner;
    private final CountDownLatch release = new CountDownLatch(1);
    private final Set<String> threads = ConcurrentHashMap.newKeySet();
    private final AtomicInteger continued = new AtomicInteger();

    @BeforeEach
    void prepare() {
        runner = new KameletRunner(data);
        runner.context.getRegistry().bind("after", (Processor) exchange -> {
            threads.add(Thread.currentThread().getName());
            continued.incrementAndGet();
        });
    }

    @AfterEach
    void stop() {
        release.countDown();
        runner.close();
    }

    private Answer whenReleased(Asked asked) {
        try {
            release.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Answer.json("{}");
    }

    private void accept(int changes) {
        for (int i = 0; i < changes; i++) {
            runner.sendOk("direct:in", "{\"n\":" + i + "}", Map.of("key", "k" + i));
        }
    }

    private static long inHttpSink() {
        return Thread.getAllStackTraces().values().stream()
                .filter(stack -> Arrays.stream(stack)
                        .anyMatch(frame -> frame.getClassName().startsWith(HttpSinkClient.class.getName())))
                .count();
    }

    @Test
    void deliveriesHoldNoThreadWhileTheTargetWorks() throws Exception {
        AtomicBoolean works = new AtomicBoolean();
        try (RemoteSide remote = new RemoteSide(asked -> works.get() ? whenReleased(asked) : Answer.json("{}"))) {
            runner.with(IN + OUT, Map.of("remote", remote.url(""))).start();
            accept(CONCURRENCY); // keys that succeeded may use all deliveries
            await().until(() -> continued.get() == CONCURRENCY);
            works.set(true);
            accept(CONCURRENCY);
            await().until(() -> remote.asked.size() == 2 * CONCURRENCY);
            await().until(() -> inHttpSink() == 0);
            assertThat(continued).hasValue(CONCURRENCY);

            release.countDown();

            await().until(() -> continued.get() == 2 * CONCURRENCY);
            assertThat(threads).allSatisfy(name -> assertThat(name).startsWith("serai-orders-platform-"));
        }
    }

    @Test
    void deliveriesThatHangGiveUpHalfOfTheirSlotsToThoseThatWait() throws Exception {
        AtomicBoolean hangs = new AtomicBoolean();
        try (RemoteSide remote = new RemoteSide(
                asked -> hangs.get() && asked.headers().get("serai-key").startsWith("k")
                        ? whenReleased(asked)
                        : Answer.json("{}"))) {
            runner.with(IN + OUT.replace("/in\" }", "/in\", timeout: 10m }"), Map.of("remote", remote.url("")))
                    .start();
            accept(CONCURRENCY); // keys that succeeded may use all deliveries
            await().until(() -> continued.get() == CONCURRENCY);
            hangs.set(true);
            accept(CONCURRENCY);
            await().until(() -> remote.asked.size() == 2 * CONCURRENCY);
            for (int i = 0; i < CONCURRENCY; i++) {
                runner.sendOk("direct:in", "{}", Map.of("key", "healthy" + i));
            }

            await().until(() -> continued.get() == 2 * CONCURRENCY);

            assertThat(status().circuit()).isEqualTo(CircuitState.CLOSED);
            assertThat(status().dead()).isZero();
            await().untilAsserted(() -> assertThat(runner.accepted("orders").stream()
                            .flatMap(entry -> runner.ledger().attempts(entry.sequence()).stream()))
                    .hasSizeGreaterThanOrEqualTo(CONCURRENCY / 2)
                    .allSatisfy(attempt -> {
                        assertThat(attempt.number()).as("not counted").isZero();
                        assertThat(attempt.error()).contains("ended early");
                    }));
            release.countDown(); // those that were ended early are tried again after a while, see SlotRecallTest
        }
    }

    @Test
    void aRouteThatNeverBlocksRunsOnTheEventLoopOfItsSink() throws Exception {
        runner.context.getRegistry().bind("quick", new QuickStep());
        try (RemoteSide remote = new RemoteSide(asked -> Answer.json("{}"))) {
            runner.with(IN + OUT.replace("ref: after", "ref: quick"), Map.of("remote", remote.url("")))
                    .start();
            accept(CONCURRENCY);
            await().until(() -> continued.get() == CONCURRENCY);
            assertThat(threads).allSatisfy(name -> assertThat(name).startsWith("vert.x-eventloop-thread-"));
        }
    }

    private final class QuickStep implements Processor, NonBlockingStep {
        @Override
        public void process(Exchange exchange) {
            threads.add(Thread.currentThread().getName());
            continued.incrementAndGet();
        }
    }

    @Test
    void aTokenServerThatHangsHoldsUpNoOtherTarget() throws Exception {
        try (RemoteSide tokens = new RemoteSide(this::whenReleased);
                RemoteSide remote = new RemoteSide(asked -> Answer.json("{}"))) {
            runner.with(IN + OUT + """
                            - route:
                                from:
                                  uri: ledger:orders
                                  parameters: { target: secured, concurrency: 32 }
                                  steps:
                                    - to:
                                        uri: kamelet:http-sink
                                        parameters:
                                          url: "{{remote}}/secured"
                                          tokenUrl: "{{tokens}}/token"
                                          clientId: id
                                          clientSecret: secret
                            """, Map.of("remote", remote.url(""), "tokens", tokens.url("")))
                    .start();
            accept(1);
            await().until(() -> !tokens.asked.isEmpty());
            accept(CONCURRENCY);
            await().until(() -> continued.get() == CONCURRENCY + 1);
            assertThat(remote.asked).extracting(Asked::path).containsOnly("/in");
        }
    }

    @Test
    void aTokenThatTheTargetRefusesIsReplacedWithinTheDelivery() throws Exception {
        AtomicInteger issued = new AtomicInteger();
        try (RemoteSide remote = new RemoteSide(asked -> {
            if (asked.path().equals("/token")) {
                return Answer.json(
                        "{\"access_token\":\"t" + issued.incrementAndGet() + "\",\"token_type\":\"bearer\"}");
            }
            return "Bearer t2".equals(asked.headers().get("authorization")) ? Answer.json("{}") : Answer.status(401);
        })) {
            runner.with(
                            IN
                                    + OUT.replace(
                                            "/in\" }",
                                            "/in\", tokenUrl: \"{{remote}}/token\", clientId: a, clientSecret: b }"),
                            Map.of("remote", remote.url("")))
                    .start();
            accept(1);
            await().until(() -> continued.get() == 1);
            assertThat(remote.asked).extracting(Asked::path).containsExactly("/token", "/in", "/token", "/in");
            assertThat(threads).allSatisfy(name -> assertThat(name).startsWith("serai-orders-platform-"));
        }
    }

    @Test
    void aFailedAttemptKeepsWhatWasSentAndAnsweredWithoutSecrets() throws Exception {
        String filler = "x".repeat(5000);
        try (RemoteSide remote = new RemoteSide(asked -> asked.path().equals("/token")
                ? Answer.json("{\"access_token\":\"canary-token\",\"token_type\":\"bearer\"}")
                : new Answer(
                        400,
                        Map.of("Content-Type", "application/json"),
                        "{\"got\":\"" + asked.headers().get("authorization") + "\",\"long\":\"" + filler + "\"}"))) {
            runner.with(
                            IN
                                    + OUT.replace(
                                            "/in\" }",
                                            "/in?access_token=canary-query&page=1\", tokenUrl: \"{{remote}}/token\","
                                                    + " clientId: a, clientSecret: canary-secret, headers: \"X-Api-Key=canary-key\" }"),
                            Map.of("remote", remote.url("")))
                    .start();
            runner.sendOk("direct:in", "{\"n\":1,\"é\":\"" + "é".repeat(3000) + "\"}", Map.of("key", "k"));

            Attempt attempt = await().until(
                            () -> runner.ledger()
                                    .attempts(runner.onlyAccepted("orders").sequence()),
                            found -> !found.isEmpty())
                    .get(0);
            Attempt.Transcript transcript = attempt.transcript();
            assertThat(transcript).isNotNull();
            assertThat(transcript.request())
                    .startsWith("POST " + remote.url("/in") + "?access_token=***&page=1\n\n{\"n\":1,\"é\":\"éé")
                    .endsWith("é…")
                    .hasSizeLessThan(1500);
            assertThat(transcript.answer())
                    .startsWith("HTTP 400 Bad Request\n\n{\"got\":\"Bearer ***\",\"long\":\"xxx")
                    .endsWith("x…")
                    .hasSizeLessThan(2200);
            assertThat(transcript.toString()).doesNotContain("canary");
        }
    }

    @Test
    void aDeliveryWithoutAnAnswerKeepsWhatWasSent() throws Exception {
        try (RemoteSide remote = new RemoteSide(
                asked -> asked.headers().get("serai-key").equals("k0") ? whenReleased(asked) : Answer.json("{}"))) {
            String impatient = OUT.replace("redeliveryDelay: 50ms", "maximumRedeliveries: 0")
                    .replace("/in\" }", "/in\", timeout: 500ms }");
            runner.with(IN + impatient, Map.of("remote", remote.url(""))).start();
            accept(1);
            long sequence = runner.onlyAccepted("orders").sequence();
            AtomicInteger others = new AtomicInteger();
            await().until(
                            () -> { // the success of others tells that it is not the target's outage
                                runner.sendOk("direct:in", "{}", Map.of("key", "other" + others.incrementAndGet()));
                                return !runner.ledger().attempts(sequence).isEmpty();
                            });
            assertThat(runner.ledger().attempts(sequence).get(0).transcript())
                    .isEqualTo(new Attempt.Transcript("POST " + remote.url("/in") + "\n\n{\"n\":0}", null));
        }
    }

    @Test
    void anAnswerThatComesAfterItsKameletHasStoppedIsNoFailure() throws Exception {
        try (RemoteSide remote = new RemoteSide(this::whenReleased)) {
            runner.with(IN + OUT.replace("- route:", "- route:\n    id: out"), Map.of("remote", remote.url("")))
                    .start();
            accept(1);
            await().until(() -> !remote.asked.isEmpty());
            ServiceHelper.suspendService(runner.context.getRoute("out").getConsumer());
            for (Route route : List.copyOf(runner.context.getRoutes())) {
                if (route.getEndpoint().getEndpointUri().startsWith("kamelet:")) {
                    ServiceHelper.stopService(route.getConsumer());
                }
            }
            assertThat(status().delivering()).isEqualTo(1);

            release.countDown();

            await().until(() -> status().delivering() == 0);
            assertThat(status().waiting()).isZero();
            assertThat(status().delivered()).isZero();
        }
    }

    private TargetStatus status() {
        return runner.ledger().flows().get(0).targets().get(0);
    }

    @Test
    void aTargetThatStopsCutsOffWhatIsUnderWayAtItsDeadline() throws Exception {
        StopDeadline deadline = new StopDeadline();
        runner.context.getRegistry().bind("stopDeadline", deadline);
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            runner.with(IN + OUT, Map.of("remote", "http://127.0.0.1:" + server.getLocalPort()))
                    .start();
            accept(1);
            try (Socket socket = server.accept()) {
                socket.setSoTimeout((int) Patience.MAX_MILLIS);
                runner.context.getShutdownStrategy().setTimeout(1);
                deadline.begin(Duration.ZERO);
                for (Route route : List.copyOf(runner.context.getRoutes())) {
                    if (route.getEndpoint().getEndpointUri().startsWith("ledger:")) {
                        runner.context.getRouteController().stopRoute(route.getRouteId());
                    }
                }
                int read = 0;
                while (read >= 0) {
                    read = socket.getInputStream().read();
                }
            }
            assertThat(continued).hasValue(0);
            assertThat(status().waiting()).isZero();
        }
    }
}
