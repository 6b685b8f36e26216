package dev.serai.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.serai.access.NamedTokens;
import dev.serai.access.TokenFile;
import dev.serai.access.TokenRole;
import dev.serai.admin.console.AllowedHosts;
import dev.serai.camel.LeanCamelContext;
import dev.serai.camel.http.ByteBudget;
import dev.serai.support.CapturedLog;
import dev.serai.support.EventReader;
import dev.serai.support.Patience;
import dev.serai.support.RawAnswer;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The stream of events on the admin port. */
class EventsTest {
    private static final String TOKEN = "test-only-token-0123456789";
    private static final String BEARER = "Authorization: Bearer " + TOKEN;
    private static final String CONSOLE = "Serai-Console: 1";
    private static final Clock CLOCK = Clock.fixed(TestLedger.START.plusSeconds(60), ZoneOffset.UTC);

    @TempDir
    Path data;

    private final JsonMapper json = new JsonMapper();
    private final Vertx vertx = Vertx.vertx();
    private final CamelContext camel = new LeanCamelContext(true);
    private final TestLedger history = TestLedger.withSomeHistory();
    private final ByteBudget budget = new ByteBudget(1 << 20);
    private String view;
    private AdminServer server;

    @BeforeEach
    void start() throws IOException {
        camel.getRegistry().bind("byteBudget", budget);
        camel.start();
        view = TokenFile.in(data).add("viewer", TokenRole.VIEW, CLOCK);
        // Impatient with peers, but not with those that listen.
        server = new AdminServer(
                vertx,
                "127.0.0.1",
                0,
                new AdminToken(TOKEN),
                new NamedTokens(TokenFile.in(data)),
                history.ledger,
                camel,
                () -> "",
                CLOCK,
                null,
                AllowedHosts.of("127.0.0.1", null),
                Duration.ofMillis(200),
                Duration.ofMillis(200));
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
        camel.stop();
        history.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void aListenerGetsTheStatusAtOnceAndThenWhatPeopleDo() throws Exception {
        try (EventReader events = open(BEARER)) {
            assertThat(events.status()).startsWith("HTTP/1.1 200 ");
            assertThat(json.readTree(events.next("status").data()))
                    .isEqualTo(json.readTree(get("/api/status").body()));

            post("/api/dead/replay", "{\"all\":true,\"rate\":0,\"reason\":\"<b>\\n\"}");

            JsonNode entry = json.readTree(events.next("log").data());
            if (entry.path("outcome").asText().equals("running")) {
                assertThat(entry.path("action").asText()).isEqualTo("replay");
                entry = json.readTree(events.next("log").data());
            }
            assertThat(entry).isEqualTo(json.readTree(get("/api/log").body()).path(0));
        }
    }

    @Test
    void aReplayIsShownUntilItsEnd() throws Exception {
        try (EventReader events = open(BEARER)) {
            events.next("status");
            post("/api/dead/replay", "{\"all\":true,\"rate\":50}");

            JsonNode replays = json.readTree(events.next("replays").data());
            assertThat(replays.path(0).path("matched").asLong()).isEqualTo(1);
            assertThat(replays.path(0).path("id").asLong()).isPositive();
            String stop = "/api/replays/" + replays.path(0).path("id").asLong();
            RawAnswer.of(server.port(), "DELETE", stop, "{}", BEARER);
            while (replays.path(0).path("endedAt").isNull()) {
                replays = json.readTree(events.next("replays").data());
            }
            assertThat(replays).isEqualTo(json.readTree(get("/api/replays").body()));
        }
    }

    @Test
    void aStreamEndsWithItsSession() throws Exception {
        RawAnswer login = post("/console/session", "{\"token\":\"" + view + "\"}", CONSOLE);
        String cookie = "Cookie: " + login.header("Set-Cookie").orElseThrow().replaceAll(";.*", "");
        try (EventReader events = open(cookie)) {
            events.next("status");
            RawAnswer.of(server.port(), "DELETE", "/console/session", "", CONSOLE, cookie);

            assertThat(events.next("bye").data()).isEqualTo("{\"reason\":\"the session ended: log in again\"}");
            assertThat(events.next()).isNull();
        }
        assertThat(RawAnswer.get(server.port(), "/api/events", cookie).status()).isEqualTo(401);
    }

    @Test
    void aStreamEndsWithItsToken() throws Exception {
        try (EventReader events = open("Authorization: Bearer " + view);
                EventReader other = open(BEARER)) {
            events.next("status");
            other.next("status");
            TokenFile.in(data).remove("viewer");

            assertThat(events.next("bye").data()).isEqualTo("{\"reason\":\"the token was removed\"}");
            assertThat(other.next("log").data()).contains("token remove");
        }
    }

    @Test
    void aStopEndsAllStreamsAndDoesNotWaitForThem() throws Exception {
        try (CapturedLog log = new CapturedLog(AdminServer.class);
                EventReader one = open(BEARER);
                EventReader other = open(BEARER)) {
            one.next("status");
            other.next("status");
            server.close();

            for (EventReader events : List.of(one, other)) {
                assertThat(events.next("bye").data()).isEqualTo("{\"reason\":\"the node stops\"}");
                assertThat(events.next()).isNull();
            }
            assertThat(log.lines()).isEmpty();
        }
    }

    @Test
    void atTheBeginningOfAStopStreamsEndWhileTheApiStillAnswers() throws Exception {
        try (EventReader events = open(BEARER)) {
            events.next("status");
            server.endStreams();

            assertThat(events.next("bye")).isNotNull();
            assertThat(get("/api/events").status()).isEqualTo(503);
            assertThat(get("/api/flows").status()).isEqualTo(200);
        }
    }

    @Test
    void thereIsALimitOfListeners() throws Exception {
        List<EventReader> open = new ArrayList<>();
        try {
            for (int i = 0; i < 64; i++) {
                open.add(open(BEARER));
            }
            RawAnswer refused = get("/api/events");
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.header("Retry-After")).contains("10");

            open.get(0).close();
            await().atMost(Patience.MAX).until(() -> {
                try (EventReader next = open(BEARER)) {
                    return next.status().startsWith("HTTP/1.1 200 ");
                }
            });
            assertThat(open.get(63).next("status")).isNotNull();
        } finally {
            for (EventReader events : open) {
                events.close();
            }
        }
        await().atMost(Patience.MAX).until(() -> budget.taken() == 0);
    }

    private EventReader open(String header) throws IOException {
        return EventReader.open(server.port(), "/api/events", header);
    }

    private RawAnswer get(String path) throws IOException {
        return RawAnswer.get(server.port(), path, BEARER);
    }

    private RawAnswer post(String path, String body, String... headers) throws IOException {
        return RawAnswer.of(server.port(), "POST", path, body, headers.length == 0 ? new String[] {BEARER} : headers);
    }
}
