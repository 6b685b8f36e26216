package dev.serai.connector.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.serai.camel.ledger.OutcomeReader;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.support.KameletRunner;
import dev.serai.support.RawServer;
import dev.serai.support.RefusingPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.apache.camel.component.http.HttpComponent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bytes that http-sink sends over its connections, and how it reads those that come back. */
class HttpSinkConnectionTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    private static final String ROUTE = """
            - route:
                id: out
                from:
                  uri: direct:in
                  steps:
                    - to:
                        uri: kamelet:http-sink
                        parameters: { url: "{{remote}}", timeout: "{{timeout:120s}}" }
            """;

    @TempDir
    private Path data;

    private KameletRunner runner;

    @BeforeEach
    void prepare() {
        runner = new KameletRunner(data);
    }

    @AfterEach
    void stop() {
        runner.close();
    }

    private void start(String url, String timeout) throws Exception {
        runner.with(ROUTE, Map.of("remote", url, "timeout", timeout)).start();
    }

    private Exchange send() {
        return runner.send("direct:in", "{}".getBytes(UTF_8), Map.of("CamelLedgerId", "1"));
    }

    private Outcome outcome() {
        return new OutcomeReader(Clock.systemUTC()).of(send());
    }

    private static void assertOutage(Outcome outcome, String reason) {
        assertThat(outcome).isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
            assertThat(failed.outage()).isTrue();
            assertThat(failed.error()).contains(reason);
        });
    }

    @Test
    void theRequestIsPlainHttpWithTheAddressAsWritten() throws Exception {
        try (RawServer server = RawServer.of(OK)) {
            String target = "/u%2Fa+b;c//d/%E4?sp=%2Frun&sig=Ab%2BcD%2F3%3D&team=R%26D&note=a%20b+c&b=1&a=2&f={}";
            start(server.url(target), "120s");
            assertThat(outcome()).isEqualTo(new Outcome.Delivered(200));

            assertThat(server.heads)
                    .containsExactly("POST " + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + server.port()
                            + "\r\nUser-Agent: Serai\r\nIdempotency-Key: 1\r\ncontent-length: 2\r\n\r\n");
        }
    }

    @Test
    void oneConnectionIsUsedAgain() throws Exception {
        try (RawServer server = RawServer.of(OK)) {
            start(server.url("/in"), "120s");
            for (int i = 0; i < 5; i++) {
                assertThat(outcome()).isEqualTo(new Outcome.Delivered(200));
            }
            assertThat(server.open()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 100 Continue\r\n\r\n",
                "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
                "HTTP/1.1 199 Whatever\r\nA: b\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
            })
    void interimAnswersAreNotTheAnswer(String interim) throws Exception {
        try (RawServer server = RawServer.of(interim + OK)) {
            start(server.url("/in"), "120s");
            for (int i = 0; i < 30; i++) { // their number is that of one request
                assertThat(outcome()).isEqualTo(new Outcome.Delivered(200));
            }
            assertThat(server.open()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b\r\n{\r\n1\r\n}\r\n0\r\nX: y\r\n\r\n",
                "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}",
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"
            })
    void anAnswerOfAnyFormIsRead(String answer) throws Exception {
        try (RawServer server = RawServer.of(answer)) {
            start(server.url("/in"), "120s");
            for (int i = 0; i < 3; i++) {
                assertThat(send().getMessage().getBody(String.class)).isEqualTo("{}");
            }
            assertThat(server.open()).isEqualTo(1);
        }
    }

    @Test
    void anAnswerWithoutALengthEndsWithItsConnection() throws Exception {
        try (RawServer server = new RawServer((request, out) -> {
            out.write("HTTP/1.0 200 OK\r\n\r\n{\"a\":1}".getBytes(ISO_8859_1));
            return false;
        })) {
            start(server.url("/in"), "120s");
            assertThat(send().getMessage().getBody(String.class)).isEqualTo("{\"a\":1}");
            assertThat(outcome()).isEqualTo(new Outcome.Delivered(200));
        }
    }

    @Test
    void anAnswerWithoutContentHasNoBody() throws Exception {
        try (RawServer server = RawServer.of("HTTP/1.1 204 No Content\r\n\r\n")) {
            start(server.url("/in"), "120s");
            Exchange result = send();
            assertThat(result.getException()).isNull();
            assertThat(result.getMessage().getBody()).isNull();
        }
    }

    @Test
    void aKeptConnectionThatTheTargetHadClosedCostsNoAttempt() throws Exception {
        try (RawServer server = new RawServer((request, out) -> {
            if (request == 2) {
                return false;
            }
            out.write(OK.getBytes(ISO_8859_1));
            return true;
        })) {
            start(server.url("/in"), "120s");
            assertThat(outcome()).isEqualTo(new Outcome.Delivered(200));
            assertThat(outcome()).isEqualTo(new Outcome.Delivered(200));
            assertThat(server.heads).hasSize(3);
            assertThat(server.heads.get(2)).contains("Idempotency-Key: 1\r\n");
        }
    }

    @Test
    void aNewConnectionThatTheTargetClosesIsItsOutageAndTheRequestIsNotRepeatedAgain() throws Exception {
        try (RawServer server = new RawServer((request, out) -> {
            if (request != 1) {
                return false;
            }
            out.write(OK.getBytes(ISO_8859_1));
            return true;
        })) {
            start(server.url("/in"), "120s");
            assertThat(outcome()).isEqualTo(new Outcome.Delivered(200));
            assertOutage(outcome(), "the target closed the connection before it answered");
            assertThat(server.heads).hasSize(3);
            assertOutage(outcome(), "the target closed the connection before it answered");
            assertThat(server.heads).hasSize(4);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 100 Continue\r\n\r\n", "SSH-2.0\r\n\r\n"})
    void aRequestThatWasSeenOnAKeptConnectionIsNotRepeated(String begun) throws Exception {
        try (RawServer server = new RawServer((request, out) -> {
            out.write((request == 1 ? OK : begun).getBytes(ISO_8859_1));
            return request == 1;
        })) {
            start(server.url("/in"), "120s");
            assertThat(outcome()).isEqualTo(new Outcome.Delivered(200));
            assertThat(outcome()).isInstanceOf(Outcome.Failed.class);
            assertThat(server.heads).hasSize(2);
        }
    }

    @Test
    void aProxyOfTheComponentHttpGetsTheWholeAddress() throws Exception {
        try (RawServer proxy = RawServer.of(OK)) {
            HttpComponent http = runner.context.getComponent("http", HttpComponent.class);
            http.setProxyHost("127.0.0.1");
            http.setProxyPort(proxy.port());
            http.setProxyAuthUsername("a");
            http.setProxyAuthPassword("b");
            http.setNonProxyHosts("*.inside.invalid");
            start("http://target.invalid:81/u?b=%2F&a=1", "120s");
            assertThat(outcome()).isEqualTo(new Outcome.Delivered(200));
            assertThat(proxy.heads.get(0))
                    .startsWith("POST http://target.invalid:81/u?b=%2F&a=1 HTTP/1.1\r\n")
                    .contains("Host: target.invalid:81\r\n", "Basic YTpi\r\n");
        }
    }

    @Test
    void aHostThatIsExcludedFromTheProxyIsReachedWithoutIt() throws Exception {
        try (RefusingPort proxy = new RefusingPort();
                RawServer server = RawServer.of(OK)) {
            HttpComponent http = runner.context.getComponent("http", HttpComponent.class);
            http.setProxyHost("127.0.0.1");
            http.setProxyPort(proxy.number());
            http.setNonProxyHosts("other.invalid, 127.*");
            start(server.url("/in"), "120s");
            assertThat(outcome()).isEqualTo(new Outcome.Delivered(200));
        }
    }

    @Test
    void whatIsNoHttpIsAnOutage() throws Exception {
        try (RawServer server = RawServer.of("SSH-2.0-OpenSSH_9.6\r\n\r\n")) {
            start(server.url("/in"), "120s");
            assertOutage(outcome(), "the answer is not valid HTTP");
        }
    }

    @Test
    void whatATargetSaysUnaskedIsNotTheNextAnswer() throws Exception {
        try (RawServer server = RawServer.of(OK + OK.replace("200 OK", "500 Late"))) {
            start(server.url("/in"), "120s");
            for (int i = 0; i < 5; i++) {
                assertThat(outcome()).isNotEqualTo(new Outcome.Failed(500, "HTTP 500 Late: {}", null, false));
            }
        }
    }

    @Test
    void aTargetThatNeverAnswersIsAnOutageAtTheTimeout() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        try (RawServer server = new RawServer((request, out) -> {
            awaitUninterrupted(end);
            return false;
        })) {
            start(server.url("/in"), "300ms");
            assertOutage(outcome(), "no complete answer within 300 ms");
            await().until(() -> server.open() <= 1);
        } finally {
            end.countDown();
        }
    }

    @Test
    void aTargetThatReadsNothingLosesItsConnectionAtTheTimeout() throws Exception {
        byte[] body = new byte[64 << 20];
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            start("http://127.0.0.1:" + server.getLocalPort() + "/in", "1s");
            Exchange result = runner.send("direct:in", body, Map.of());
            assertOutage(new OutcomeReader(Clock.systemUTC()).of(result), "no complete answer within 1000 ms");
            try (Socket socket = server.accept()) {
                assertThat(bytesUntilTheEnd(socket)).isLessThan(body.length);
            }
        }
    }

    private static long bytesUntilTheEnd(Socket socket) throws IOException {
        byte[] part = new byte[1 << 16];
        long count = 0;
        try {
            for (int read = 0; read >= 0; read = socket.getInputStream().read(part)) {
                count += read;
            }
        } catch (SocketException e) {
            // reset, which is an end as well
        }
        return count;
    }

    private static void awaitUninterrupted(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Test
    void aTargetThatDoesNotAcceptIsUnreachableAtTheTimeout() throws Exception {
        // TLS to a server that says nothing: there is a connection, but nothing could be sent
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            start("https://127.0.0.1:" + silent.getLocalPort() + "/in", "300ms");
            assertThat(outcome())
                    .isInstanceOfSatisfying(Outcome.Unreachable.class, unreachable -> assertThat(unreachable.error())
                            .contains("cannot connect to 127.0.0.1:" + silent.getLocalPort()));
        }
    }

    @Test
    void aRefusedConnectionAndAnUnknownHostAreNamed() throws Exception {
        try (RefusingPort nobody = new RefusingPort()) {
            start("http://127.0.0.1:" + nobody.number() + "/in?secret=1", "120s");
            assertThat(outcome())
                    .isEqualTo(new Outcome.Unreachable(
                            "cannot connect to 127.0.0.1:" + nobody.number() + ", 127.0.0.1: Connection refused"));
        }
    }

    @Test
    void anUnknownHostIsNamed() throws Exception {
        start("http://no-such-host.invalid/in", "120s");
        assertThat(outcome())
                .isInstanceOfSatisfying(Outcome.Unreachable.class, unreachable -> assertThat(unreachable.error())
                        .contains("no-such-host.invalid"));
    }

    @Test
    void aTargetWithoutTlsIsAnOutageThatSaysSo() throws Exception {
        try (RawServer server = RawServer.of(OK)) {
            start(server.url("/in").replace("http:", "https:"), "120s");
            assertThat(outcome()).isInstanceOfSatisfying(Outcome.Failed.class, failed -> assertThat(failed.error())
                    .contains("no TLS connection to 127.0.0.1:" + server.port()));
        }
    }

    @Test
    void aRouteThatStopsClosesItsConnections() throws Exception {
        try (RawServer server = RawServer.of(OK)) {
            start(server.url("/in"), "120s");
            assertThat(outcome()).isEqualTo(new Outcome.Delivered(200));
            assertThat(server.open()).isEqualTo(1);
            for (Route route : List.copyOf(runner.context.getRoutes())) { // that of the Kamelet, too
                runner.context.getRouteController().stopRoute(route.getRouteId());
            }
            await().until(() -> server.open() == 0);
        }
    }

    @Test
    void aNodeThatStopsCutsOffWhatHasNoAnswer() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        try (RawServer server = new RawServer((request, out) -> {
            awaitUninterrupted(end);
            return false;
        })) {
            start(server.url("/in"), "120s");
            runner.context.getShutdownStrategy().setTimeout(1);
            AtomicReference<Outcome> outcome = new AtomicReference<>();
            Thread sender = new Thread(() -> outcome.set(outcome()));
            sender.start();
            await().until(() -> !server.heads.isEmpty());

            runner.context.stop();

            sender.join();
            assertThat(outcome.get()).isInstanceOf(Outcome.Interrupted.class);
        } finally {
            end.countDown();
        }
    }

    @Test
    void whatCannotBeStopsTheStartWithTheReason() {
        assertThatThrownBy(() -> start("http://127.0.0.1:1/", "0"))
                .hasStackTraceContaining("timeout must be more than zero");
        runner.close();
        runner = new KameletRunner(data);
        assertThatThrownBy(() -> start("ftp://127.0.0.1:1/", "15s")).hasStackTraceContaining("url must be an http");
    }
}
