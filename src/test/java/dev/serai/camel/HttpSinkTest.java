package dev.serai.camel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.camel.RemoteSide.Answer;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureSchemes;
import dev.serai.signature.Verdict;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URLDecoder;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpSinkTest {
    // A published example of Standard Webhooks, not a secret of anyone.
    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final String ROUTE = """
            - route:
                from:
                  uri: direct:in
                  steps:
                    - to:
                        uri: kamelet:http-sink
                        parameters:
                          url: "{{remote}}"
            """;
    private static final byte[] BODY = "{\"a\":\"ä\"}".getBytes(UTF_8);

    @TempDir
    private Path data;

    private KameletRunner runner;
    private Answer answer = Answer.json("{\"ok\":true}");
    private final RemoteSide remote = new RemoteSide(asked -> answer);

    @BeforeEach
    void prepare() {
        runner = new KameletRunner(data);
    }

    @AfterEach
    void stop() {
        runner.close();
        remote.close();
    }

    private Exchange send(String parameters, Map<String, Object> headers) throws Exception {
        return send(remote.url("/in?fixed=1"), parameters, headers);
    }

    private Exchange send(String url, String parameters, Map<String, Object> headers) throws Exception {
        runner.with(ROUTE + parameters.indent(14), Map.of("remote", url)).start();
        return runner.send("direct:in", BODY, headers);
    }

    private static Map<String, Object> change() {
        Map<String, Object> headers = new HashMap<>();
        headers.put("CamelLedgerId", "id 1");
        headers.put("CamelLedgerFlow", "orders");
        headers.put("CamelLedgerTarget", "platform");
        headers.put("CamelLedgerKey", "k-1");
        headers.put("CamelLedgerVersion", "7");
        headers.put("CamelLedgerSequence", 17L);
        headers.put("CamelLedgerAttempt", 2);
        headers.put("Content-Type", "application/json");
        return headers;
    }

    @Test
    void theTargetGetsExactlyTheDocumentedHeadersAndTheBody() throws Exception {
        Map<String, Object> headers = change();
        headers.put("Authorization", "Bearer of-the-caller");
        headers.put("Cookie", "a=b");
        headers.put("X-Other", "1");
        headers.put("CamelHttpQuery", "evil=1");
        headers.put("CamelHttpPath", "/evil");
        headers.put("CamelHttpUri", "http://127.0.0.1:1/evil");
        headers.put("CamelHttpMethod", "DELETE");
        headers.put("Content-Encoding", "gzip");

        Exchange result = send("", headers);

        assertThat(result.getException()).isNull();
        assertThat(result.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE)).isEqualTo(200);
        assertThat(result.getMessage().getBody(String.class)).isEqualTo("{\"ok\":true}");
        assertThat(remote.asked).singleElement().satisfies(asked -> {
            assertThat(asked.method()).isEqualTo("POST");
            assertThat(asked.path()).isEqualTo("/in");
            assertThat(asked.query()).isEqualTo("fixed=1");
            assertThat(asked.body()).isEqualTo(BODY);
            assertThat(asked.headers()).containsEntry("content-length", String.valueOf(BODY.length));
            Map<String, String> sent = new HashMap<>(asked.headers());
            sent.keySet().removeAll(List.of("host", "connection", "content-length", "user-agent"));
            assertThat(sent)
                    .containsExactlyInAnyOrderEntriesOf(Map.of(
                            "content-type", "application/json",
                            "idempotency-key", "id%201",
                            "serai-flow", "orders",
                            "serai-key", "k-1",
                            "serai-version", "7",
                            "serai-sequence", "17",
                            "serai-attempt", "2"));
        });
    }

    @Test
    void whatAHeaderCannotHoldIsPercentEncoded() throws Exception {
        String key = " 订单 50%\r\nEvil: 1\u0000é ";
        Map<String, Object> headers = change();
        headers.put("CamelLedgerKey", key);

        assertThat(send("", headers).getException()).isNull();

        String sent = remote.asked.get(0).headers().get("serai-key");
        assertThat(sent).startsWith("%20%E8%AE%A2").contains("%2050%25%0D%0AEvil:%201%00%C3%A9%20");
        assertThat(URLDecoder.decode(sent, UTF_8)).isEqualTo(key);
        assertThat(remote.asked.get(0).headers()).doesNotContainKey("evil");
    }

    @Test
    void namedHeadersArePassedOnAndConstantsAdded() throws Exception {
        Map<String, Object> headers = change();
        headers.put("x-trace", "t1");
        headers.put("X-Other", "no");

        assertThat(send("headers: X-Trace, X-Missing,Authorization=Bearer a=b\nmethod: put", headers)
                        .getException())
                .isNull();

        assertThat(remote.asked).singleElement().satisfies(asked -> {
            assertThat(asked.method()).isEqualTo("PUT");
            assertThat(asked.headers())
                    .containsEntry("x-trace", "t1")
                    .containsEntry("authorization", "Bearer a=b")
                    .doesNotContainKeys("x-other", "x-missing");
        });
    }

    @Test
    void whatTheSinkSignsTheSameSchemeVerifies() throws Exception {
        assertThat(send("scheme: standard-webhooks\nsecret: " + SECRET, change())
                        .getException())
                .isNull();

        assertThat(remote.asked).singleElement().satisfies(asked -> {
            assertThat(asked.headers()).containsEntry("webhook-id", "id%201");
            Verdict verdict = SignatureSchemes.create("standard-webhooks", SchemeOptions.secret(SECRET))
                    .verify(asked.body(), name -> valuesOf(asked, name), Instant.now());
            assertThat(verdict).isInstanceOf(Verdict.Verified.class);
        });
    }

    private static List<String> valuesOf(RemoteSide.Asked asked, String name) {
        String value = asked.headers().get(name.toLowerCase(Locale.ROOT));
        return value == null ? List.of() : List.of(value);
    }

    @Test
    void anErrorSurfacesAtOnceWithItsRetryAfter() throws Exception {
        answer = new Answer(429, Map.of("Retry-After", "3600"), "slow down");

        Exchange result = send("", change());

        assertThat(result.getException(HttpOperationFailedException.class)).satisfies(e -> {
            assertThat(e.getStatusCode()).isEqualTo(429);
            assertThat(e.getResponseBody()).isEqualTo("slow down");
            assertThat(e.getResponseHeaders()).containsEntry("Retry-after", "3600");
        });
        assertThat(remote.asked).hasSize(1);
    }

    @Test
    void aRedirectIsAFailureAndNotFollowed() throws Exception {
        answer = new Answer(307, Map.of("Location", "/elsewhere"), "");

        Exchange result = send("", change());

        assertThat(result.getException(HttpOperationFailedException.class).getStatusCode())
                .isEqualTo(307);
        assertThat(remote.asked).hasSize(1);
    }

    @Test
    void aTargetThatIsNotThereIsUnreachable() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }

        assertThat(send("http://127.0.0.1:" + port + "/in", "", change()).getException())
                .isInstanceOf(ConnectException.class);
    }

    @Test
    void aTargetThatDribblesIsCutOffAtTheTimeout() throws Exception {
        try (ServerSocket slow = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread server = new Thread(() -> dribble(slow));
            server.start();

            Exchange result = send("http://127.0.0.1:" + slow.getLocalPort() + "/in", "timeout: 500ms", change());

            assertThat(result.getException())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("no complete answer within 500 ms");
            server.join();
        }
    }

    /** A byte every 50 ms, until the other side has enough. */
    private static void dribble(ServerSocket slow) {
        try (Socket socket = slow.accept()) {
            socket.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n".getBytes(UTF_8));
            while (true) {
                socket.getOutputStream().write('x');
                Thread.sleep(50);
            }
        } catch (IOException e) {
            // the sink hung up
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void anEndlessAnswerIsCutOff() throws Exception {
        answer = Answer.json("x".repeat(1_100_000));

        assertThat(send("", change()).getException())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the answer is longer than 1048576 bytes");
    }

    @Test
    void headersThatCannotBeSentStopTheStart() {
        for (String headers : List.of("Host=evil", "Content-Length", "CamelHttpUri=x", "Bad Name", "A=ü")) {
            assertThatThrownBy(() -> new HttpSinkRequest("POST", headers)).hasMessageContaining("headers: ");
        }
        assertThatThrownBy(() -> new HttpSinkRequest("GET", null)).hasMessageContaining("POST, PUT, PATCH or DELETE");
    }
}
