package dev.serai.connector.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HttpSinkCallTest {
    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void stop() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    /** Otherwise the delivery that takes its slot would be one more than the target was promised. */
    @Test
    void aRequestThatWasGivenUpIsNotUnderWayWhenItsEndIsKnown() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            server.setSoTimeout(120_000);
            HttpSinkLoop loop = new HttpSinkLoop(
                    new HttpSinkAddress("http://127.0.0.1:" + server.getLocalPort()),
                    Duration.ofMinutes(10),
                    1_000,
                    null,
                    options -> options,
                    null);
            vertx.deployVerticle(loop).toCompletionStage().toCompletableFuture().join();
            HttpSinkCall call = loop.call(new HttpSinkMessage("POST", "/", Map.of(), new byte[0]));
            CompletableFuture<Integer> seen = new CompletableFuture<>();
            loop.send(call);
            try (Socket socket = server.accept()) {
                socket.setSoTimeout(120_000);
                InputStream request = socket.getInputStream();
                assertThat(request.read()).isEqualTo('P');
                call.answer().whenComplete((answer, failure) -> {
                    try { // on the event loop, which can close nothing meanwhile
                        assertThat(failure).isInstanceOf(InterruptedIOException.class);
                        request.skipNBytes(request.available());
                        socket.setSoTimeout(5_000);
                        seen.complete(request.read());
                    } catch (IOException | AssertionError e) {
                        seen.completeExceptionally(e);
                    }
                });
                call.giveUp();
                assertThat(seen.get(120, TimeUnit.SECONDS))
                        .as("the end of the connection")
                        .isEqualTo(-1);
            }
        }
    }
}
