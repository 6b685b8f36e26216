package dev.serai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.support.OrderRoutes;
import dev.serai.support.SeraiProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Peers that send requests without end and read no answers, against one node with a small heap. */
class PipeliningIT {
    private static final String ROUTES = OrderRoutes.IN.replace("id: \"${jq(.id)}\", ", "");
    private static final String HEAP = "128m";
    private static final int BUFFER_BYTES = 32 * 1024;
    /** Far more than the kernel's buffers, and more than the node survives if it reads all of it. */
    private static final long BYTES_MAX = 64L << 20;

    private static final int PEERS = 20;
    private static final long BYTES_MAX_OF_MANY = 256L << 20;
    /** The peer counts as not read if it cannot write while this number of other requests is answered. */
    private static final int ANSWERS_TO_OTHERS = 100;

    /** Twice the heap if all heads are kept: a parsed head of tiny headers takes 30 times its bytes. */
    private static final int PEERS_WITH_HEADS = 2_000;
    /** With 4 bytes each, just below the limit. */
    private static final int HEADERS = 2_000;

    private static final int BATCH = 50;
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] (\\d{3}) ");

    @TempDir
    private static Path folder;

    private static SeraiProcess serai;

    private final HttpClient others =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private int saidBefore;

    @BeforeAll
    static void start() throws IOException {
        Path routes = Files.writeString(folder.resolve("orders.camel.yaml"), ROUTES);
        serai = SeraiProcess.run(folder, routes, Map.of(), HEAP);
    }

    @AfterAll
    static void stop() {
        serai.close();
    }

    @BeforeEach
    void noteWhatWasSaid() {
        saidBefore = serai.output().length();
    }

    /** What the node said during this test. */
    private String said() {
        return serai.output().substring(saidBefore);
    }

    @Test
    void aPeerOfTheFlowsThatReadsNoAnswersIsNotReadAndGetsThemAllInOrderLater() throws Exception {
        attack(serai.flowsUrl(), PipeliningIT::flowsRequest, i -> i % BATCH == 0 ? "202" : "404");
    }

    @Test
    void aPeerOfTheAdminPortThatReadsNoAnswersIsNotReadAndGetsThemAllInOrderLater() throws Exception {
        attack(serai.adminUrl(), PipeliningIT::adminRequest, i -> i % BATCH == 0 ? "200" : "401");
    }

    @Test
    void manySuchPeersUseNoMoreMemoryThanOne() throws Exception {
        List<SocketChannel> peers = new ArrayList<>();
        try {
            List<ByteBuffer> unsent = new ArrayList<>();
            for (int i = 0; i < PEERS; i++) {
                peers.add(connect(i % 2 == 0 ? serai.flowsUrl() : serai.adminUrl()));
                unsent.add(ByteBuffer.allocate(0));
            }
            ByteBuffer small = bytes("GET / HTTP/1.1\r\nHost: h\r\n\r\n".repeat(20 * BATCH));
            long sent = 0;
            for (int answers = 0; answers < ANSWERS_TO_OTHERS; answers++) {
                long before = sent;
                for (int i = 0; i < PEERS; i++) {
                    if (!unsent.get(i).hasRemaining()) {
                        unsent.set(i, small.duplicate());
                    }
                    sent += peers.get(i).write(unsent.get(i));
                }
                if (sent > before) {
                    answers = 0;
                }
                assertThat(sent).isLessThan(BYTES_MAX_OF_MANY);
                requireOthersServed();
            }
        } finally {
            for (SocketChannel peer : peers) {
                peer.close();
            }
        }
        requireOthersServed();
        assertThat(said()).doesNotContain("OutOfMemory");
    }

    @Test
    void unfinishedHeadsOfManyPeersLeaveRoomInTheHeap() throws Exception {
        ByteBuffer head = bytes("GET / HTTP/1.1\r\nHost: h\r\n" + "a:\r\n".repeat(HEADERS));
        List<SocketChannel> peers = new ArrayList<>();
        try {
            for (int i = 0; i < PEERS_WITH_HEADS; i++) {
                SocketChannel peer = connect(i % 2 == 0 ? serai.flowsUrl() : serai.adminUrl());
                peers.add(peer);
                peer.configureBlocking(true);
                try {
                    write(peer, head.duplicate());
                } catch (IOException e) {
                    // closed to make room
                }
                if (i % ANSWERS_TO_OTHERS == 0) {
                    requireOthersServed();
                }
            }
            requireOthersServed();
        } finally {
            for (SocketChannel peer : peers) {
                peer.close();
            }
        }
        requireOthersServed();
        assertThat(said()).contains("closes those that wait longest").doesNotContain("OutOfMemory");
    }

    private interface Requests {
        String of(int number);
    }

    private static String flowsRequest(int number) {
        if (number % BATCH != 0) {
            return "GET /nothing/" + number + " HTTP/1.1\r\nHost: h\r\n\r\n";
        }
        String body = "{\"key\":\"k" + number + "\"}";
        return "POST /hooks/orders HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body;
    }

    /** Another thread answers the first request of each batch, later than the second one could be answered. */
    private static String adminRequest(int number) {
        String path = number % BATCH == 0 ? "/observe/health/live" : "/api/flows";
        return "GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n";
    }

    private void attack(String url, Requests requests, Requests statuses) throws Exception {
        try (SocketChannel peer = connect(url)) {
            ByteBuffer unsent = ByteBuffer.allocate(0);
            int count = 0;
            long sent = 0;
            for (int answers = 0; answers < ANSWERS_TO_OTHERS; ) {
                if (!unsent.hasRemaining()) {
                    StringBuilder batch = new StringBuilder();
                    for (int i = 0; i < BATCH; i++) {
                        batch.append(requests.of(count++));
                    }
                    unsent = bytes(batch.toString());
                }
                int written = peer.write(unsent);
                sent += written;
                assertThat(sent).as("bytes read of a peer that reads nothing").isLessThan(BYTES_MAX);
                if (written == 0) {
                    requireOthersServed();
                    answers++;
                } else {
                    answers = 0;
                }
            }

            peer.configureBlocking(true);
            CompletableFuture<List<String>> read = CompletableFuture.supplyAsync(() -> statuses(peer));
            write(peer, unsent);
            write(peer, bytes("GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));

            List<String> expected = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                expected.add(statuses.of(i));
            }
            expected.add(statuses.of(1));
            assertThat(read.get(120, TimeUnit.SECONDS).equals(expected))
                    .as("all answers, in order")
                    .isTrue();
        }
        assertThat(said()).doesNotContain("OutOfMemory", "StackOverflow");
    }

    private static SocketChannel connect(String url) throws IOException {
        URI to = URI.create(url);
        SocketChannel peer = SocketChannel.open()
                .setOption(StandardSocketOptions.SO_RCVBUF, BUFFER_BYTES)
                .setOption(StandardSocketOptions.SO_SNDBUF, BUFFER_BYTES);
        peer.connect(new InetSocketAddress(to.getHost(), to.getPort()));
        peer.configureBlocking(false);
        return peer;
    }

    private void requireOthersServed() throws Exception {
        for (String url : List.of(serai.flowsUrl() + "/nothing", serai.adminUrl() + "/observe/health/live")) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                    .timeout(Duration.ofSeconds(120))
                    .build();
            assertThat(others.send(request, BodyHandlers.ofString()).statusCode())
                    .as(url)
                    .isIn(200, 404);
        }
    }

    private static List<String> statuses(SocketChannel peer) {
        try {
            byte[] answers = peer.socket().getInputStream().readAllBytes();
            return STATUS.matcher(new String(answers, StandardCharsets.ISO_8859_1))
                    .results()
                    .map((MatchResult status) -> status.group(1))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(SocketChannel peer, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            peer.write(bytes);
        }
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
