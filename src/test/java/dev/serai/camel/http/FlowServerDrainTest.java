package dev.serai.camel.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.serai.camel.LeanCamelContext;
import dev.serai.support.Patience;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** While a node stops, connections end behind an answer, never in the middle of one. */
class FlowServerDrainTest {
    private final DefaultCamelContext context = new LeanCamelContext(true);
    private final Queue<HttpServerRequest> slow = new ConcurrentLinkedQueue<>();
    private FlowServer server;

    @BeforeEach
    void start() throws Exception {
        context.start();
        server = FlowServer.start(context, FlowServerSettings.of("127.0.0.1", 0));
        server.mounts().add("/slow", Set.of(HttpMethod.GET), slow::add);
        server.mounts().add("/quick", Set.of(HttpMethod.GET), request -> request.response()
                .end("quick"));
    }

    @AfterEach
    void stop() {
        context.stop();
    }

    @Test
    void aRequestInProgressIsAnsweredInFullAndItsConnectionEndsBehindIt() throws Exception {
        try (Socket peer = peer()) {
            ask(peer, "/slow");
            await().until(() -> slow.size() == 1);
            server.drain();
            refuseUntilDraining();
            CompletableFuture<Void> stopped = CompletableFuture.runAsync(context::stop);

            HttpServerRequest request = slow.remove();
            String large = "x".repeat(3_000_000);
            CompletableFuture<String> answer = CompletableFuture.supplyAsync(() -> readToEnd(peer));
            await().until(() -> !context.getStatus().isStarted());
            request.response().end(large);

            assertThat(answer.get())
                    .startsWith("HTTP/1.1 200")
                    .contains("onnection: close")
                    .endsWith(large);
            stopped.get();
        }
    }

    @Test
    void aRequestOnAnOpenConnectionIsAskedToComeAgainAndTheConnectionEnds() throws Exception {
        try (Socket peer = peer()) {
            ask(peer, "/quick");
            readUntil(peer, "quick");
            server.drain();
            refuseUntilDraining();

            ask(peer, "/quick");

            assertThat(readToEnd(peer)).startsWith("HTTP/1.1 503").contains("onnection: close", "Retry-After");
        }
    }

    @Test
    void anIdleConnectionEndsWhenTheServerStops() throws Exception {
        try (Socket peer = peer()) {
            ask(peer, "/quick");
            readUntil(peer, "quick");
            server.drain();
            context.stop();

            assertThat(readToEnd(peer)).isEmpty();
        }
    }

    /** Each event loop learns of it for itself. */
    private void refuseUntilDraining() {
        for (int i = 0; i < 16; i++) {
            await().until(() -> {
                try (Socket other = peer()) {
                    ask(other, "/quick");
                    return readUntil(other, "\r\n").startsWith("HTTP/1.1 503");
                }
            });
        }
    }

    private Socket peer() throws IOException {
        Socket peer = new Socket("127.0.0.1", server.port());
        peer.setSoTimeout((int) Patience.MAX_MILLIS);
        return peer;
    }

    private static void ask(Socket peer, String path) throws IOException {
        peer.getOutputStream().write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes(US_ASCII));
    }

    private static String readUntil(Socket peer, String end) throws IOException {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        InputStream in = peer.getInputStream();
        while (!read.toString(US_ASCII).endsWith(end)) {
            int next = in.read();
            assertThat(next).as(read.toString(US_ASCII)).isNotNegative();
            read.write(next);
        }
        return read.toString(US_ASCII);
    }

    /** Fails if the connection is reset. */
    private static String readToEnd(Socket peer) {
        try {
            return new String(peer.getInputStream().readAllBytes(), US_ASCII);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
