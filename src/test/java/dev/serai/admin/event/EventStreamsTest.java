package dev.serai.admin.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.serai.admin.event.EventContent.LogEvent;
import dev.serai.camel.http.ByteBudget;
import dev.serai.support.EventReader;
import dev.serai.support.Patience;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EventStreamsTest {
    private static final int ENTRY_BYTES = 200 * 1024;
    /** Of entries to be told at each look. */
    private static final int ENTRIES = 4;

    private final Vertx vertx = Vertx.vertx();
    private final AtomicInteger looks = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicLong entries = new AtomicLong();
    private final ByteBudget budget = new ByteBudget(4 << 20);
    private volatile boolean busy;
    private volatile int statusBytes = 10;
    private volatile int statusSeconds;
    private volatile long most;
    private HttpServer server;

    private final EventContent content = new EventContent(
            () -> {
                most = Math.max(most, budget.taken());
                LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(statusSeconds));
                return ("{\"look\":" + looks.incrementAndGet() + ",\"x\":\"" + "x".repeat(statusBytes) + "\"}")
                        .getBytes(StandardCharsets.UTF_8);
            },
            () -> new byte[0],
            () -> 0,
            () -> false,
            () -> busy ? entries.incrementAndGet() : entries.get(),
            () -> 0,
            after -> {
                List<LogEvent> found = new ArrayList<>();
                for (int i = 1; i <= ENTRIES; i++) {
                    found.add(new LogEvent(after + i, new byte[ENTRY_BYTES], false));
                }
                return found;
            },
            id -> Optional.empty(),
            Set::of);

    @BeforeEach
    void start() throws Exception {
        EventStreams streams = new EventStreams(vertx, content, budget);
        server = vertx.createHttpServer(new HttpServerOptions().setSendBufferSize(16 * 1024))
                .connectionHandler(connection -> {
                    open.incrementAndGet();
                    connection.closeHandler(closed -> open.decrementAndGet());
                })
                .requestHandler(request -> streams.open(request, () -> null))
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get();
    }

    @AfterEach
    void stop() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void nothingIsLookedAtBeforeSomebodyListensAndThenOnceForAll() throws Exception {
        assertThat(looks).hasValue(0);
        List<EventReader> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            all.add(EventReader.open(server.actualPort(), "/"));
        }
        List<String> firsts = new ArrayList<>();
        List<String> thirds = new ArrayList<>();
        for (EventReader one : all) {
            firsts.add(one.next("status").data());
            one.next("status");
            thirds.add(one.next("status").data());
            one.close();
        }

        assertThat(firsts).hasSize(20).doesNotContainNull();
        assertThat(thirds).hasSize(20).doesNotContainNull();
        await().atMost(Patience.MAX).until(() -> open.get() == 0);
        assertThat(budget.taken()).isZero();
    }

    @Test
    void aLookIsFollowedByAPauseThirtyTimesAsLong() {
        assertThat(EventStreams.pauseNanos(Duration.ofMillis(500).toNanos()))
                .isEqualTo(Duration.ofSeconds(15).toNanos());
        assertThat(EventStreams.pauseNanos(0)).isEqualTo(Duration.ofMillis(900).toNanos());
    }

    @Test
    void whatPeopleDoIsToldWhileTheStatusPauses() throws Exception {
        statusSeconds = 1;
        try (EventReader reader = EventReader.open(server.actualPort(), "/")) {
            assertThat(reader.next("status")).isNotNull();
            busy = true;

            assertThat(reader.next("log")).isNotNull();
            assertThat(looks).hasValue(1);
        }
    }

    @Test
    void whoDoesNotReadTheEntriesIsDisconnectedAndHoldsNothing() throws Exception {
        busy = true;
        try (Socket slow = unread()) {
            await().atMost(Patience.MAX).until(() -> open.get() == 0 && budget.taken() == 0);
            assertThat(slow.isClosed()).isFalse();
        }
        assertThat(most).isBetween(1L, 1L << 20);
    }

    @Test
    void whoDoesNotReadTheStatusHoldsOneOfThem() throws Exception {
        statusBytes = 1 << 20;
        try (Socket slow = unread();
                EventReader reader = EventReader.open(server.actualPort(), "/")) {
            for (int i = 0; i < 5; i++) {
                assertThat(reader.next("status")).isNotNull();
            }
            assertThat(open).hasValue(2);
            assertThat(budget.taken()).isBetween(1L << 20, (2L << 20) + 1000);
            assertThat(slow.isConnected()).isTrue();
        }
        await().atMost(Patience.MAX).until(() -> open.get() == 0 && budget.taken() == 0);
    }

    /** A listener that reads nothing, with little room in the kernel. */
    private Socket unread() throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4 * 1024);
        socket.connect(new InetSocketAddress("127.0.0.1", server.actualPort()));
        socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        await().atMost(Patience.MAX).until(() -> looks.get() > 0);
        return socket;
    }
}
