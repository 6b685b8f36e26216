package dev.serai.camel.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.serai.camel.http.FlowServerSettings;
import dev.serai.http.CertificateFiles;
import dev.serai.http.TrustedProxies;
import dev.serai.support.CapturedLog;
import dev.serai.support.Http2Peer;
import dev.serai.support.RequestFuzz;
import dev.serai.support.TestKeys;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Settings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.net.ssl.SSLContext;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hostile HTTP/2 peers of the flows' port: each loses its connection, and the others are served. */
class Http2FuzzTest {
    /** More frames of a kind than any server has to bear. */
    private static final int ENDLESS = 1_000_000;

    private static final int STREAMS_MAX = 64;

    @TempDir
    private static Path folder;

    private static TestKeys keys;
    private static SSLContext trust;

    private final Edge edge = new Edge();
    private final List<Http2Peer> peers = new ArrayList<>();

    @BeforeAll
    static void makeKeys() throws Exception {
        keys = TestKeys.create(folder, "server");
        trust = keys.trusting(null);
    }

    @BeforeEach
    void start() throws Exception {
        edge.settings = new FlowServerSettings(
                "127.0.0.1",
                0,
                1 << 20,
                Duration.ofSeconds(60),
                Duration.ofSeconds(1),
                CertificateFiles.of("serai.http.tls", null, null, keys.store().toString(), TestKeys.PASSWORD),
                TrustedProxies.NONE);
        edge.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("ingress:open").setBody(constant("done"));
                from("platform-http:/echo").setHeader("Echoed", simple("${header.Echo-It}"));
            }
        });
    }

    @AfterEach
    void stop() throws Exception {
        for (Http2Peer peer : peers) {
            peer.close();
        }
        edge.close();
    }

    private Http2Peer peer(Http2Settings settings) throws IOException {
        Http2Peer peer = Http2Peer.connect(trust, edge.port(), settings);
        peers.add(peer);
        return peer;
    }

    private Http2Peer silent() throws IOException {
        Http2Peer peer = Http2Peer.silent(trust, edge.port(), new Http2Settings());
        peers.add(peer);
        return peer;
    }

    private void expectOthersServed() throws IOException {
        try (Http2Peer other = Http2Peer.connect(trust, edge.port(), new Http2Settings())) {
            other.request(1, Http2Peer.post("/open"), "{}");
            other.awaitRead("HEADERS 1 204");
        }
    }

    /** Sends frames until the server has closed the connection. */
    private static void floodUntilClosed(Http2Peer peer, Flood flood) {
        int sent = 0;
        try {
            while (sent < ENDLESS) {
                flood.send(peer, sent);
                sent++;
            }
        } catch (IOException closed) {
            // what is expected
        }
        assertThat(sent).isLessThan(ENDLESS);
    }

    private interface Flood {
        void send(Http2Peer peer, int sent) throws IOException;
    }

    private static void isToldAndCut(Http2Peer peer, Http2Error error) {
        peer.awaitRead("END");
        assertThat(peer.read).contains("GOAWAY " + error.code());
    }

    @Test
    void aPeerThatResetsStreamsWithoutEndIsCut() throws Exception {
        Http2Peer peer = peer(new Http2Settings());

        floodUntilClosed(
                peer,
                (hostile, sent) -> hostile.send((writer, context) -> {
                    int stream = 2 * sent + 1;
                    writer.writeHeaders(context, stream, Http2Peer.post("/open"), 0, true, context.newPromise());
                    writer.writeRstStream(context, stream, Http2Error.CANCEL.code(), context.newPromise());
                }));

        isToldAndCut(peer, Http2Error.ENHANCE_YOUR_CALM);
        expectOthersServed();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 100, 16_000})
    void headersWithoutEndAreCut(int bytes) throws Exception {
        Http2Peer peer = peer(new Http2Settings());
        byte[] head = peer.bytes((writer, context) ->
                writer.writeHeaders(context, 1, Http2Peer.post("/open"), 0, true, context.newPromise()));
        head[4] &= ~4; // not the end of the headers
        peer.sendBytes(head);

        byte[] literal = new byte[bytes]; // of names and values of no length
        floodUntilClosed(
                peer, (hostile, sent) -> hostile.sendBytes(Http2Peer.frame(Http2Peer.CONTINUATION, 0, 1, literal)));

        peer.awaitRead("END");
        expectOthersServed();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ping", "settings", "data", "priority", "window"})
    void framesWithoutEndAreCutOrBearable(String kind) throws Exception {
        Http2Peer peer = silent();
        peer.send((writer, context) ->
                writer.writeHeaders(context, 1, Http2Peer.post("/open"), 0, false, context.newPromise()));
        try {
            byte[] frame = peer.bytes((writer, context) -> {
                switch (kind) {
                    case "ping" -> writer.writePing(context, false, 1, context.newPromise());
                    case "settings" ->
                        writer.writeSettings(context, new Http2Settings().initialWindowSize(1), context.newPromise());
                    case "data" -> writer.writeData(context, 1, Unpooled.EMPTY_BUFFER, 0, false, context.newPromise());
                    case "priority" -> writer.writePriority(context, 101, 0, (short) 16, false, context.newPromise());
                    default -> writer.writeWindowUpdate(context, 0, 1, context.newPromise());
                }
            });
            byte[] hundred = repeated(frame, 100);
            for (int i = 0; i < 1_000; i++) {
                peer.sendBytes(hundred);
            }
        } catch (IOException closed) {
            // which is as good as bearing it
        }

        expectOthersServed();
    }

    private static byte[] repeated(byte[] frame, int times) {
        byte[] all = new byte[frame.length * times];
        for (int i = 0; i < times; i++) {
            System.arraycopy(frame, 0, all, i * frame.length, frame.length);
        }
        return all;
    }

    @Test
    void moreStreamsAtOnceThanAllowedAreRefused() throws Exception {
        Http2Peer peer = peer(new Http2Settings());
        peer.awaitRead("SETTINGS");

        for (int i = 0; i <= STREAMS_MAX; i++) {
            int stream = 2 * i + 1;
            peer.send((writer, context) ->
                    writer.writeHeaders(context, stream, Http2Peer.post("/open"), 0, false, context.newPromise()));
        }

        peer.awaitRead("RST " + (2 * STREAMS_MAX + 1) + " " + Http2Error.REFUSED_STREAM.code());
        expectOthersServed();
    }

    @Test
    void settingsBeyondTheStandardAreToldAndCut() throws Exception {
        Http2Peer peer = peer(new Http2Settings());

        peer.sendBytes(Http2Peer.frame(4, 0, 0, new byte[] {0, 4, -1, -1, -1, -1})); // a window of 2^32 - 1

        isToldAndCut(peer, Http2Error.FLOW_CONTROL_ERROR);
        expectOthersServed();
    }

    @Test
    void aWindowThatOverflowsIsToldAndCut() throws Exception {
        Http2Peer peer = peer(new Http2Settings());

        peer.send((writer, context) -> {
            writer.writeWindowUpdate(context, 0, Integer.MAX_VALUE, context.newPromise());
            writer.writeWindowUpdate(context, 0, Integer.MAX_VALUE, context.newPromise());
        });

        isToldAndCut(peer, Http2Error.FLOW_CONTROL_ERROR);
        expectOthersServed();
    }

    @Test
    void answersThatAreNotReadBecauseOfAWindowOfNothingAreGivenUp() throws Exception {
        for (int i = 0; i < 20; i++) {
            Http2Peer peer = peer(new Http2Settings().initialWindowSize(0));
            for (int stream = 1; stream < 2 * STREAMS_MAX; stream += 2) {
                peer.request(stream, Http2Peer.post("/echo"), "{}");
            }
        }

        expectOthersServed();
        for (Http2Peer peer : peers) {
            await().until(() -> peer.read.contains("END")
                    || peer.read.stream()
                                    .filter(frame -> frame.startsWith("RST "))
                                    .count()
                            == STREAMS_MAX);
        }
    }

    /** Or a peer could let the server remember gigabytes of the headers of its answers. */
    @Test
    void thePeersTableOfHeadersIsNotUsedBeyondFourKilobytes() throws Exception {
        Http2Peer peer = peer(new Http2Settings().headerTableSize(0xffffffffL));
        String first = "first".repeat(600);
        String second = "second".repeat(600);

        long whole = bytesOfAnswer(peer, 1, first);
        bytesOfAnswer(peer, 3, second);
        long again = bytesOfAnswer(peer, 5, first);

        assertThat(again).isGreaterThan(whole / 2);
    }

    private static long bytesOfAnswer(Http2Peer peer, int stream, String echoed) throws IOException {
        long before = peer.bytesRead.get();
        peer.request(stream, Http2Peer.post("/echo").add("echo-it", echoed), "{}");
        peer.awaitRead("HEADERS " + stream + " 200");
        return peer.bytesRead.get() - before;
    }

    @Test
    void noMutatedFrameHarmsOthers() throws Exception {
        RequestFuzz fuzz = new RequestFuzz();
        try (CapturedLog log = new CapturedLog()) {
            for (int i = 0; i < RequestFuzz.REQUESTS; i++) {
                try (Http2Peer peer = Http2Peer.connect(trust, edge.port(), new Http2Settings())) {
                    peer.sendBytes(mutated(fuzz.random(), frames(peer)));
                } catch (IOException closed) {
                    // by the server, in the middle
                }
            }
            assertThat(log.lines()).as("seed %d", fuzz.seed()).noneMatch(line -> line.startsWith("ERROR"));
        }
        expectOthersServed();
    }

    private static byte[] frames(Http2Peer peer) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] body = "{\"a\":1}".getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < 3; i++) {
            int stream = 2 * i + 1;
            String path = i == 1 ? "/echo?a=b" : "/open";
            all.write(peer.bytes((writer, context) -> {
                writer.writeHeaders(context, stream, Http2Peer.post(path), 0, false, context.newPromise());
                writer.writePing(context, false, 1, context.newPromise());
                writer.writeWindowUpdate(context, stream, 10, context.newPromise());
                writer.writeData(context, stream, Unpooled.wrappedBuffer(body), 3, true, context.newPromise());
                writer.writePriority(context, stream, 0, (short) 7, true, context.newPromise());
                writer.writeRstStream(context, stream, 8, context.newPromise());
                writer.writeSettings(context, new Http2Settings().maxFrameSize(16_384), context.newPromise());
            }));
        }
        return all.toByteArray();
    }

    private static byte[] mutated(Random random, byte[] frames) {
        byte[] mutated = frames.clone();
        for (int n = 1 + random.nextInt(4); n > 0; n--) {
            int at = random.nextInt(mutated.length);
            switch (random.nextInt(3)) {
                case 0 -> mutated[at] = (byte) random.nextInt(256);
                case 1 -> mutated[at] ^= (byte) (1 << random.nextInt(8));
                default -> {
                    byte[] shorter = new byte[at];
                    System.arraycopy(mutated, 0, shorter, 0, at);
                    if (at > 0) {
                        mutated = shorter;
                    }
                }
            }
        }
        return mutated;
    }
}
