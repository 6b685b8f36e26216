package dev.serai.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.serai.access.NamedTokens;
import dev.serai.access.TokenFile;
import dev.serai.access.TokenRole;
import dev.serai.camel.http.ByteBudget;
import dev.serai.support.Patience;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a token may do on each path of the admin port. */
class AdminRolesTest {
    private static final String TOKEN = "test-only-token-0123456789";
    private static final Clock CLOCK = Clock.fixed(TestLedger.START.plusSeconds(60), ZoneOffset.UTC);
    /** Fewer than are answered late. */
    private static final int WRONG_MAX = 15;

    /** Every route that needs a token, and the role it needs. */
    private static final Map<String, TokenRole> ROUTES = new TreeMap<>(Map.ofEntries(
            Map.entry("GET /api/flows", TokenRole.VIEW),
            Map.entry("GET /api/log", TokenRole.VIEW),
            Map.entry("GET /api/status", TokenRole.VIEW),
            Map.entry("GET /api/clock", TokenRole.VIEW),
            Map.entry("GET /api/damage", TokenRole.VIEW),
            Map.entry("GET /api/changes", TokenRole.VIEW),
            Map.entry("GET /api/changes/:flow/:sequence", TokenRole.VIEW),
            Map.entry("GET /api/causes", TokenRole.VIEW),
            Map.entry("GET /api/dead", TokenRole.VIEW),
            Map.entry("GET /api/replays", TokenRole.VIEW),
            Map.entry("GET /api/cursors", TokenRole.VIEW),
            Map.entry("GET /api/backup", TokenRole.VIEW),
            Map.entry("GET /observe/metrics", TokenRole.VIEW),
            Map.entry("POST /api/retry", TokenRole.OPERATE),
            Map.entry("POST /api/skip", TokenRole.OPERATE),
            Map.entry("POST /api/dead/replay", TokenRole.OPERATE),
            Map.entry("POST /api/dead/discard", TokenRole.OPERATE),
            Map.entry("DELETE /api/replays/:id", TokenRole.OPERATE),
            Map.entry("PUT /api/cursors/:name", TokenRole.OPERATE),
            Map.entry("POST /api/targets/:flow/:target/pause", TokenRole.OPERATE),
            Map.entry("POST /api/targets/:flow/:target/resume", TokenRole.OPERATE),
            Map.entry("DELETE /api/targets/:flow/:target", TokenRole.OPERATE),
            Map.entry("POST /api/backup", TokenRole.OPERATE)));

    @TempDir
    Path data;

    private final Vertx vertx = Vertx.vertx();
    private final CamelContext camel = new DefaultCamelContext();
    private final HttpClient http = HttpClient.newHttpClient();
    private final TestLedger history = TestLedger.withSomeHistory();
    private AdminServer server;
    private String view;
    private String operate;

    @BeforeEach
    void start() throws Exception {
        camel.getRegistry().bind("byteBudget", new ByteBudget(1 << 20));
        camel.start();
        view = TokenFile.in(data).add("viewer", TokenRole.VIEW, CLOCK);
        operate = TokenFile.in(data).add("operator", TokenRole.OPERATE, CLOCK);
        server = server();
    }

    private AdminServer server() throws Exception {
        AdminServer made = new AdminServer(
                vertx,
                "127.0.0.1",
                0,
                new AdminToken(TOKEN),
                new NamedTokens(TokenFile.in(data)),
                history.ledger,
                camel,
                () -> "",
                CLOCK,
                null);
        made.start();
        return made;
    }

    @AfterEach
    void stop() {
        server.close();
        camel.stop();
        history.ledger.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void everyRouteIsInTheTableWithItsRole() {
        Set<String> routes = new TreeSet<>();
        for (Route route : server.guardedRoutes()) {
            for (HttpMethod method : route.methods() == null ? Set.<HttpMethod>of() : route.methods()) {
                routes.add(method + " " + route.getName());
            }
        }
        assertThat(routes).isEqualTo(ROUTES.keySet());
    }

    @Test
    void noRouteIsServedWithoutAToken() throws Exception {
        for (String route : ROUTES.keySet()) {
            assertThat(ask(route, null).statusCode()).as(route).isEqualTo(401);
        }
    }

    @Test
    void noRouteIsServedWithAWrongToken() throws Exception {
        int wrong = 0;
        for (String route : ROUTES.keySet()) {
            if (++wrong % WRONG_MAX == 0) {
                server.close();
                server = server();
            }
            assertThat(ask(route, view + "x").statusCode()).as(route).isEqualTo(401);
        }
    }

    @Test
    void aTokenToViewMayOnlyRead() throws Exception {
        for (Map.Entry<String, TokenRole> route : ROUTES.entrySet()) {
            HttpResponse<String> answer = ask(route.getKey(), view);
            if (route.getValue() == TokenRole.VIEW) {
                assertThat(answer.statusCode()).as(route.getKey()).isNotIn(401, 403);
            } else {
                assertThat(answer.statusCode()).as(route.getKey()).isEqualTo(403);
                assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
                assertThat(answer.body())
                        .contains("a token with the role operate, and viewer has the role view")
                        .doesNotContain(view);
            }
        }
    }

    @Test
    void aTokenToOperateAndTheAdminTokenMayDoAll() throws Exception {
        for (String token : Set.of(operate, TOKEN)) {
            for (String route : ROUTES.keySet()) {
                assertThat(ask(route, token).statusCode()).as(route).isNotIn(401, 403);
            }
        }
    }

    @Test
    void aTokenThatIsAddedOrRemovedCountsWithoutARestart() throws Exception {
        String added = TokenFile.in(data).add("added", TokenRole.VIEW, CLOCK);
        await().atMost(Patience.MAX).until(() -> ask("GET /api/flows", added).statusCode() == 200);

        TokenFile.in(data).remove("added");
        await().atMost(Patience.MAX).until(() -> ask("GET /api/flows", added).statusCode() != 200);
        assertThat(ask("GET /api/flows", operate).statusCode()).isEqualTo(200);
    }

    private HttpResponse<String> ask(String route, @Nullable String token) throws Exception {
        String[] words = route.split(" ");
        String path = words[1].replaceAll(":(sequence|id)", "7").replaceAll(":\\w+", "none");
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .method(words[0], words[0].equals("GET") ? BodyPublishers.noBody() : BodyPublishers.ofString("{}"));
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        return http.send(request.build(), BodyHandlers.ofString());
    }
}
