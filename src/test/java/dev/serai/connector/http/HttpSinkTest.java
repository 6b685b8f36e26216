package dev.serai.connector.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.serai.camel.ledger.OutcomeReader;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureSchemeRegistry;
import dev.serai.signature.Verdict;
import dev.serai.support.KameletRunner;
import dev.serai.support.RefusingPort;
import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import dev.serai.support.SlowPeer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URLDecoder;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpSinkTest {
    // A published example of Standard Webhooks, not a real secret.
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

    @AutoClose
    private final KameletRunner runner = new KameletRunner(() -> data);

    private Answer answer = Answer.json("{\"ok\":true}");

    @AutoClose
    private final RemoteSide remote = new RemoteSide(asked -> answer);

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
        headers.put("CamelLedgerOperation", "upsert");
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
        headers.put("CamelHttpUri", "http://127.0.0.1:1/evil?home={{env:HOME}}");
        // Camel's client reads this one also with bridgeEndpoint, and resolves what is in braces (CVE-2026-78164).
        headers.put("CamelRestHttpUri", "http://127.0.0.1:1/evil?home={{env:HOME}}");
        headers.put("CamelRestHttpQuery", "evil=1");
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
                            "serai-operation", "upsert",
                            "idempotency-key", "id%201",
                            "serai-flow", "orders",
                            "serai-key", "k-1",
                            "serai-version", "7",
                            "serai-sequence", "17",
                            "serai-attempt", "2"));
        });
    }

    @Test
    void headerValuesArePercentEncodedWhereNeeded() throws Exception {
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
        assertThat(runner.context.getEndpoints()).isNotEmpty().allSatisfy(endpoint -> assertThat(endpoint.toString())
                .doesNotContain("Bearer", "a=b"));
    }

    @Test
    void theSameSchemeVerifiesTheSinksSignature() throws Exception {
        assertThat(send("scheme: standard-webhooks\nsecret: " + SECRET, change())
                        .getException())
                .isNull();

        assertThat(remote.asked).singleElement().satisfies(asked -> {
            assertThat(asked.headers()).containsEntry("webhook-id", "id%201");
            assertThat(verdict(asked)).isInstanceOf(Verdict.Verified.class);
        });
    }

    private static Verdict verdict(RemoteSide.Asked asked) {
        return SignatureSchemeRegistry.create("standard-webhooks", SchemeOptions.secret(SECRET))
                .verify(asked.body(), name -> valuesOf(asked, name), Instant.now());
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
    void aMissingTargetIsUnreachable() throws Exception {
        try (RefusingPort nobody = new RefusingPort()) {
            assertThat(send("http://127.0.0.1:" + nobody.number() + "/in", "", change())
                            .getException())
                    .isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void aSlowBodyEndsAtTheTimeout() throws Exception {
        try (ServerSocket slow = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread server = new Thread(() -> dribble(slow));
            server.start();

            Exchange result = send("http://127.0.0.1:" + slow.getLocalPort() + "/in", "timeout: 500ms", change());

            assertThat(result.getException()).isNull();
            server.join();
        }
    }

    private static void dribble(ServerSocket slow) {
        try (Socket socket = slow.accept()) {
            socket.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n".getBytes(UTF_8));
            SlowPeer.dribble(socket);
        } catch (IOException e) {
            // the sink hung up
        }
    }

    private static Map<String, Object> delete() {
        Map<String, Object> headers = change();
        headers.put("CamelLedgerOperation", "delete");
        return headers;
    }

    @Test
    void aDeleteIsPostedToTheSameAddressWithItsOperation() throws Exception {
        runner.with(ROUTE + "method: put".indent(14), Map.of("remote", remote.url("/in")))
                .start();

        runner.sendOk("direct:in", null, delete());
        Map<String, Object> upsert = change();
        upsert.put("CamelLedgerOperation", "upsert");
        runner.sendOk("direct:in", BODY, upsert);

        assertThat(remote.asked).extracting(RemoteSide.Asked::method).containsExactly("POST", "PUT");
        assertThat(remote.asked)
                .extracting(asked -> asked.headers().get("serai-operation"))
                .containsExactly("delete", "upsert");
        assertThat(remote.asked.get(0).body()).isEmpty();
        assertThat(remote.asked.get(0).headers()).containsEntry("serai-key", "k-1");
    }

    @Test
    void aDeleteIsSentToItsKeysAddressWithoutABodyIfConfigured() throws Exception {
        runner.with(
                        ROUTE
                                + "method: PUT\ndeleteMethod: DELETE\nscheme: standard-webhooks\nsecret: %s"
                                        .formatted(SECRET)
                                        .indent(14),
                        Map.of("remote", remote.url("/payments/{key}?a=1&of={key}")))
                .start();
        Map<String, Object> delete = delete();
        delete.put("CamelLedgerKey", "a/b?c=%2F#é {{env:HOME}}&");
        Map<String, Object> upsert = change();
        upsert.put("CamelLedgerKey", "x.y-z_1");

        runner.sendOk("direct:in", BODY, delete);
        runner.sendOk("direct:in", BODY, upsert);

        String encoded = "a%2Fb%3Fc%3D%252F%23%C3%A9%20%7B%7Benv%3AHOME%7D%7D%26";
        RemoteSide.Asked first = remote.asked.get(0);
        assertThat(first.method()).isEqualTo("DELETE");
        assertThat(first.path()).isEqualTo("/payments/" + encoded);
        assertThat(first.query()).isEqualTo("a=1&of=" + encoded);
        assertThat(first.body()).isEmpty();
        assertThat(first.headers()).containsEntry("serai-operation", "delete").doesNotContainKey("content-type");
        assertThat(verdict(first)).isInstanceOf(Verdict.Verified.class);

        assertThat(remote.asked.get(1).method()).isEqualTo("PUT");
        assertThat(remote.asked.get(1).path()).isEqualTo("/payments/x.y-z_1");
        assertThat(remote.asked.get(1).body()).isEqualTo(BODY);
    }

    @Test
    void aKeyThatWouldLeadElsewhereIsRefusedAndNothingIsSent() throws Exception {
        runner.with(ROUTE, Map.of("remote", remote.url("/payments/{key}"))).start();
        OutcomeReader outcomes = new OutcomeReader(Clock.systemUTC());
        for (String key : List.of("..", ".", "")) {
            Map<String, Object> headers = change();
            headers.put("CamelLedgerKey", key);
            assertThat(outcomes.of(runner.send("direct:in", BODY, headers))).isInstanceOf(Outcome.Refused.class);
        }
        assertThat(remote.asked).isEmpty();
    }

    private List<Exchange> batch() {
        List<Exchange> batch = new ArrayList<>();
        batch.add(member(
                "a", Map.of("CamelLedgerVersion", "7", "Content-Type", "application/vnd.x+json; charset=UTF-8"), """
                {"n": 12345678901234567890.10, "t": [true, null]}"""));
        batch.add(member("b", Map.of("Content-Type", "text/plain"), "grüß \"dich\""));
        batch.add(member("c", Map.of("Content-Type", "application/json"), "{\"broken\":"));
        batch.add(member("d", Map.of("Content-Type", "application/octet-stream"), "abc"));
        batch.add(member("e", Map.of("CamelLedgerOperation", "delete"), ""));
        return batch;
    }

    private Exchange member(String id, Map<String, Object> more, String body) {
        Map<String, Object> headers = new HashMap<>(Map.of(
                "CamelLedgerId",
                id,
                "CamelLedgerFlow",
                "orders",
                "CamelLedgerKey",
                "key of " + id,
                "CamelLedgerSequence",
                17L,
                "CamelLedgerOperation",
                "upsert",
                "CamelLedgerAttempt",
                2,
                "CamelLedgerAcceptedAt",
                "2026-01-31T08:00:00Z"));
        headers.putAll(more);
        return runner.change(body.getBytes(UTF_8), headers);
    }

    @Test
    void aBatchIsOneSignedRequestInWhichEachChangeHasItsId() throws Exception {
        runner.with(
                        ROUTE
                                + "headers: X-Trace,X-Tenant=t\nscheme: standard-webhooks\nsecret: %s"
                                        .formatted(SECRET)
                                        .indent(14),
                        Map.of("remote", remote.url("/batches?fixed=1")))
                .start();

        Exchange result = runner.sendOk("direct:in", batch(), Map.of("CamelLedgerBatchSize", 5, "X-Trace", "no"));

        RemoteSide.Asked asked = remote.asked.get(0);
        JsonNode changes = new ObjectMapper().readTree(asked.body()).path("changes");
        assertThat(changes).hasSize(5);
        assertThat(changes.get(0))
                .hasToString("{\"flow\":\"orders\",\"sequence\":17,\"id\":\"a\",\"key\":\"key of a\","
                        + "\"version\":\"7\",\"operation\":\"upsert\",\"acceptedAt\":\"2026-01-31T08:00:00Z\",\"attempt\":2,"
                        + "\"contentType\":\"application/vnd.x+json; charset=UTF-8\","
                        + "\"body\":{\"n\":1.2345678901234567E19,\"t\":[true,null]}}");
        assertThat(new String(asked.body(), UTF_8)).contains("\"n\":12345678901234567890.10,");
        assertThat(changes.get(1).path("body").textValue()).isEqualTo("grüß \"dich\"");
        assertThat(changes.get(2).path("body").textValue()).isEqualTo("{\"broken\":");
        assertThat(changes.get(3).path("bodyBase64").textValue()).isEqualTo("YWJj");
        assertThat(changes.get(4).path("operation").textValue()).isEqualTo("delete");
        assertThat(changes.get(4).has("body")).isTrue();
        assertThat(changes.get(4).path("body").isNull()).isTrue();
        assertThat(changes.get(4).path("version").isNull()).isTrue();

        assertThat(asked.method()).isEqualTo("POST");
        assertThat(asked.query()).isEqualTo("fixed=1");
        assertThat(asked.headers())
                .containsEntry("content-type", "application/json")
                .containsEntry("serai-flow", "orders")
                .containsEntry("serai-batch-size", "5")
                .containsEntry("x-tenant", "t")
                .containsEntry("webhook-id", asked.headers().get("idempotency-key"))
                .doesNotContainKeys("serai-key", "x-trace");
        assertThat(verdict(asked)).isInstanceOf(Verdict.Verified.class);
        assertThat(result.getMessage().getHeader("CamelLedgerBatchSize")).isEqualTo(5);
    }

    @Test
    void aBatchOfTheSameChangesHasTheSameId() throws Exception {
        runner.with(ROUTE, Map.of("remote", remote.url("/batches"))).start();
        List<Exchange> turned = new ArrayList<>(batch());
        Collections.reverse(turned);

        runner.sendOk("direct:in", batch(), Map.of());
        runner.sendOk("direct:in", turned, Map.of());
        runner.sendOk("direct:in", batch().subList(0, 4), Map.of());

        List<String> ids = remote.asked.stream()
                .map(asked -> asked.headers().get("idempotency-key"))
                .toList();
        assertThat(ids.get(0)).matches("[0-9a-f]{32}").isEqualTo(ids.get(1)).isNotEqualTo(ids.get(2));
    }

    @Test
    void aBatchForTheAddressOfOneKeyWaitsUntilTheRouteIsFixed() throws Exception {
        runner.with(ROUTE, Map.of("remote", remote.url("/payments/{key}"))).start();

        Exchange result = runner.send("direct:in", batch(), Map.of());

        assertThat(new OutcomeReader(Clock.systemUTC()).of(result))
                .isInstanceOfSatisfying(Outcome.Failed.class, failed -> assertThat(failed.error())
                        .contains("take batchSize out"));
        assertThat(remote.asked).isEmpty();
    }

    @Test
    void anAddressWithTheKeyInItsHostFailsTheStart() {
        for (String url :
                List.of("http://{key}/", "http://h{key}.example/", "{key}", "ftp://h/{key}", "http://h/#{key}")) {
            assertThatThrownBy(() -> new HttpSinkRequest(url, "POST", "POST", null))
                    .hasMessageContaining("{key} can only stand in the path or the query");
        }
        assertThatThrownBy(() -> new HttpSinkRequest("http://h/", "PUT", "PUT", null))
                .hasMessageContaining("deleteMethod must be one of POST, DELETE, not PUT");
    }

    @Test
    void invalidHeadersFailTheStart() {
        for (String headers : List.of("Host=evil", "Content-Length", "CamelHttpUri=x", "Bad Name", "A=ü")) {
            assertThatThrownBy(() -> new HttpSinkRequest("http://h/", "POST", "POST", headers))
                    .hasMessageContaining("headers: ");
        }
        assertThatThrownBy(() -> new HttpSinkRequest("http://h/", "GET", "POST", null))
                .hasMessageContaining("method must be one of POST, PUT, PATCH, DELETE");
    }
}
