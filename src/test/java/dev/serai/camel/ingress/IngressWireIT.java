package dev.serai.camel.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.serai.camel.http.FlowServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that a well-behaved HTTP client does not send, byte by byte. */
class IngressWireIT {

    private static final Duration LIMIT = Duration.ofSeconds(120);
    /** In thousands of bytes: more than fits into the kernel's buffers. */
    private static final int SENDS_MAX = 32_000;

    private final Edge edge = new Edge();

    @AfterEach
    void stop() {
        edge.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
                "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
                "Transfer-Encoding: xchunked\r\n",
                "Transfer-Encoding: chunked, identity\r\n",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
                "Transfer-Encoding: gzip, chunked\r\n",
                "Transfer-Encoding : chunked\r\n",
                "Content-Length: 4\r\nContent-Length: 5\r\n",
                "Content-Length: -1\r\n",
                "Content-Length: 99999999999999999999\r\n",
                "Content-Length: +4\r\n",
                "Content-Length: 4, 5\r\n",
                "X-A: b\u0000c\r\n",
            })
    void aRequestThatTwoServersCouldReadDifferentlyIsRefusedAndNoSecondOneIsSeen(String framing) throws Exception {
        serve("ingress:x");

        String answer = edge.raw("POST /x HTTP/1.1\r\nHost: h\r\n" + framing
                + "\r\n0\r\n\r\nPOST /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 8\r\n\r\nsmuggled");

        assertThat(answer).startsWith("HTTP/1.1 400 ").containsOnlyOnce("HTTP/1.1 ");
        assertThat(edge.got).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "zz\r\nab\r\n0\r\n\r\n",
                "-1\r\nab\r\n0\r\n\r\n",
                "2\r\nabcdef\r\n0\r\n\r\n",
                "FFFFFFFFFFFFFFFFF\r\nab\r\n0\r\n\r\n",
                "7FFFFFFFFFFFFFFF\r\nab\r\n0\r\n\r\n",
            })
    void brokenChunksAreRefusedAndTheConnectionIsClosed(String body) throws Exception {
        edge.ingress.setMaxBodyBytes(64);
        serve("ingress:x?bodyTimeout=300");

        String answer = edge.raw("POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + body);

        assertThat(answer).containsPattern("^HTTP/1.1 4(00|08|13) ").containsOnlyOnce("HTTP/1.1 ");
        assertThat(edge.got).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /x HTTP/1.1\r\n\r\n",
                "nonsense\r\n\r\n",
                "POST /x HTTP/9.9\r\nHost: h\r\n\r\n",
                "OPTIONS * HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
                "\u0016\u0003\u0001\r\n\r\n"
            })
    void whatIsNoRequestIsRefused(String text) throws Exception {
        serve("ingress:x");

        assertThat(edge.raw(text)).containsPattern("^HTTP/\\d.\\d [45]\\d\\d ");
        assertThat(edge.got).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /%zz HTTP/1.1\r\nHost: h",
                "GET /theirs?a=%zz HTTP/1.1\r\nHost: h",
                "GET ?/theirs HTTP/1.1\r\nHost: h",
                "GET theirs HTTP/1.1\r\nHost: h",
                "OPTIONS * HTTP/1.1\r\nHost: h",
                "GET /theirs HTTP/1.0",
                "GET /theirs HTTP/1.1",
                "GET /theirs HTTP/1.1\r\nHost: a b/c",
            })
    void aMalformedRequestForThePlatformHttpRoutesIsTheSendersFault(String request) throws Exception {
        edge.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("platform-http:/theirs").process(edge::record);
            }
        });

        assertThat(edge.raw(request + "\r\nConnection: close\r\n\r\n"))
                .containsPattern("^HTTP/1.[01] 400 ")
                .contains("application/problem+json");
        assertThat(edge.got).isEmpty();
    }

    @Test
    void headersAndRequestLinesAreLimited() throws Exception {
        serve("ingress:x");

        assertThat(edge.raw("POST /x HTTP/1.1\r\nHost: h\r\nX-A: " + "a".repeat(17_000) + "\r\n\r\n"))
                .startsWith("HTTP/1.1 431 ");
        assertThat(edge.raw("POST /x?" + "a".repeat(9_000) + " HTTP/1.1\r\nHost: h\r\n\r\n"))
                .startsWith("HTTP/1.0 414 ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /x HTTP/1.1\r\nHost: h\r\nX-A: %s",
                "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2;%s",
                "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-A: %s",
                "POST /x?%s",
            })
    void whatHasNoEndIsCut(String request) throws Exception {
        serve("ingress:x");
        try (Socket socket = edge.connect()) {
            Edge.write(socket, request.formatted(""));

            assertCutWhileSending(socket, "a".repeat(1_000));
        }
        assertThat(edge.got).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /x HTTP/1.1\r\nHost: h\r\n",
                "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
            })
    void headersAndTrailersWithoutNumberAreCut(String request) throws Exception {
        serve("ingress:x");
        try (Socket socket = edge.connect()) {
            Edge.write(socket, request);

            assertCutWhileSending(socket, "a:b\r\n".repeat(200));
        }
        assertThat(edge.got).isEmpty();
    }

    @Test
    void aPeerThatReadsNoAnswerIsDisconnectedEvenIfItKeepsSending() throws Exception {
        edge.limits(300, 600);
        serve("ingress:x");
        FlowServer server = Objects.requireNonNull(FlowServer.of(edge.context));
        server.router().post("/long").handler(asked -> asked.response().end("a".repeat(16 << 20)));
        try (Socket socket = new Socket()) {
            socket.setReceiveBufferSize(16 * 1024);
            socket.connect(new InetSocketAddress("127.0.0.1", edge.port()));
            Edge.write(socket, "POST /long HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");

            await().atMost(LIMIT).until(() -> isCut(socket, "1\r\na\r\n"));
        }
    }

    @Test
    void pipelinedRequestsWithBodiesAreAnsweredInOrder() throws Exception {
        edge.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("ingress:x")
                        .setHeader("CamelHttpResponseCode", constant(200))
                        .process(exchange -> exchange.getIn()
                                .setBody(summary(exchange.getIn().getBody(String.class))));
            }
        });
        try (Socket socket = edge.connect()) {
            int count = 200;
            StringBuilder answers = new StringBuilder();
            for (int i = 0; i < count; i++) {
                answers.append("<body").append(i).append(' ').append(40_000).append('>');
            }
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                try {
                    for (int i = 0; i < count; i++) {
                        String name = "body" + i + " ";
                        Edge.write(
                                socket,
                                "POST /x HTTP/1.1\r\nHost: h\r\n"
                                        + (i == count - 1 ? "Connection: close\r\n" : "")
                                        + "Content-Length: 40000\r\n\r\n" + name + "a".repeat(40_000 - name.length()));
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });

            String read = Edge.readAll(socket);

            sending.get(120, TimeUnit.SECONDS);
            assertThat(Pattern.compile("<body\\d+ \\d+>")
                            .matcher(read)
                            .results()
                            .map(MatchResult::group)
                            .collect(Collectors.joining()))
                    .isEqualTo(answers.toString());
        }
    }

    @Test
    void aPipelinedRequestMayExpect100Continue() throws Exception {
        serve("ingress:x");
        try (Socket socket = edge.connect()) {
            Edge.write(
                    socket,
                    "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab"
                            + "POST /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
            assertThat(Edge.readUntil(socket, "\r\n\r\n")).startsWith("HTTP/1.1 204 ");
            assertThat(Edge.readUntil(socket, "\r\n\r\n")).startsWith("HTTP/1.1 100 ");
            Edge.write(socket, "cdPOST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nef");
            assertThat(Edge.readUntil(socket, "\r\n\r\n")).startsWith("HTTP/1.1 204 ");
            assertThat(Edge.readUntil(socket, "\r\n\r\n")).startsWith("HTTP/1.1 204 ");
        }
        assertThat(edge.got)
                .extracting(got -> new String(got.body(), StandardCharsets.UTF_8))
                .containsExactly("ab", "cd", "ef");
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrderOnOneConnection() throws Exception {
        edge.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("ingress:x")
                        .process(edge::record)
                        .setHeader("CamelHttpResponseCode", constant(200))
                        .setBody(simple("<${body}>"));
            }
        });
        StringBuilder requests = new StringBuilder();
        StringBuilder bodies = new StringBuilder();
        for (int i = 0; i < 50; i++) {
            String body = "body" + i;
            requests.append("POST /x HTTP/1.1\r\nHost: h\r\n")
                    .append(i == 49 ? "Connection: close\r\n" : "")
                    .append(
                            i % 2 == 0
                                    ? "Content-Length: " + body.length() + "\r\n\r\n" + body
                                    : "Transfer-Encoding: chunked\r\n\r\n" + body.length() + "\r\n" + body
                                            + "\r\n0\r\n\r\n");
            bodies.append('<').append(body).append('>');
        }

        String answers = edge.raw(requests.toString());

        assertThat(String.join(
                        "",
                        java.util.regex.Pattern.compile("<body\\d+>")
                                .matcher(answers)
                                .results()
                                .map(java.util.regex.MatchResult::group)
                                .toList()))
                .isEqualTo(bodies.toString());
    }

    @Test
    void bytesBeyondTheContentLengthAreNotPartOfTheBody() throws Exception {
        serve("ingress:x");

        String answer = edge.raw("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nabGARBAGE\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 204 ").contains("HTTP/1.0 400 ");
        assertThat(edge.got).hasSize(1);
        assertThat(edge.got.get(0).body()).asString().isEqualTo("ab");
    }

    @Test
    void aMissingBodyIsAnswered408() throws Exception {
        serve("ingress:x?bodyTimeout=300");

        String answer = edge.raw("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");

        assertThat(answer).startsWith("HTTP/1.1 408 ").containsIgnoringCase("connection: close");
        assertThat(edge.got).isEmpty();
    }

    @Test
    void aSlowBodyIsAnswered408() throws Exception {
        serve("ingress:x?bodyTimeout=300");
        try (Socket socket = edge.connect()) {
            Edge.write(socket, "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n");

            assertCutWhileDribbling(socket);
        }
    }

    @Test
    void aPeerWithSlowHeadersIsDisconnected() throws Exception {
        edge.limits(300, 60_000);
        serve("ingress:x");
        try (Socket socket = edge.connect()) {
            Edge.write(socket, "POST /x HTTP/1.1\r\nHost: h\r\nX-A: ");

            assertCutWhileDribbling(socket);
        }
    }

    @Test
    void aSilentConnectionIsClosed() throws Exception {
        edge.limits(300, 60_000);
        serve("ingress:x");

        assertThat(edge.raw("")).isEmpty();
        assertThat(edge.raw("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"))
                .startsWith("HTTP/1.1 204 ");
    }

    @Test
    void aRequestMayExpect100Continue() throws Exception {
        edge.ingress.setMaxBodyBytes(10);
        serve("ingress:x");
        try (Socket socket = edge.connect()) {
            Edge.write(socket, "POST /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
            assertThat(Edge.readUntil(socket, "\r\n\r\n")).startsWith("HTTP/1.1 100 ");
            Edge.write(socket, "ab");
            assertThat(Edge.readUntil(socket, "\r\n\r\n")).startsWith("HTTP/1.1 204 ");
        }

        assertThat(edge.raw("POST /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 20\r\n\r\n"))
                .startsWith("HTTP/1.1 413 ");
    }

    @Test
    void aPeerThatDisconnectsDuringARequestLeaksNothing() throws Exception {
        edge.ingress.setMaxHeldBytes(10);
        serve("ingress:x");
        try (Socket socket = edge.connect()) {
            Edge.write(socket, "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 20\r\n\r\n1234567890");
        }

        await().until(() -> edge.post("/x", "1234567890").statusCode() == 204);
        assertThat(edge.got).hasSize(1);
    }

    private static String summary(String body) {
        return "<" + body.substring(0, body.indexOf(' ')) + " " + body.length() + ">";
    }

    private static void assertCutWhileSending(Socket socket, String text) {
        for (int i = 0; i < SENDS_MAX; i++) {
            if (isCut(socket, text)) {
                return;
            }
        }
        throw new AssertionError("still read after " + SENDS_MAX * text.length() + " bytes");
    }

    private static boolean isCut(Socket socket, String text) {
        try {
            Edge.write(socket, text);
            return false;
        } catch (IOException cut) {
            return true;
        }
    }

    /** Keeps sending single bytes until the server closes the connection. */
    private static void assertCutWhileDribbling(Socket socket) {
        await().until(() -> {
            try {
                Edge.write(socket, "a");
                return socket.getInputStream().available() > 0
                        && Edge.readAll(socket).startsWith("HTTP/1.1 408 ");
            } catch (SocketException cut) {
                return true;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    private void serve(String uri) throws Exception {
        edge.start(new RouteBuilder() {
            @Override
            public void configure() {
                from(uri).routeId("r").process(edge::record);
            }
        });
    }
}
