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
import dev.serai.ledger.audit.AuditQuery;
import dev.serai.support.Patience;
import dev.serai.support.RawAnswer;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logging in to the console, and what its session opens. */
class ConsoleSessionTest {
    private static final String TOKEN = "test-only-token-0123456789";
    private static final String CONSOLE = "Serai-Console: 1";
    private static final String PAUSE = "/api/targets/orders/shop/pause";

    /** Stands still unless it is moved. */
    private static final class MovedClock extends Clock {
        private volatile Instant now = TestLedger.START.plusSeconds(60);

        void move(Duration by) {
            now = now.plus(by);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    @TempDir
    Path data;

    private final JsonMapper json = new JsonMapper();
    private final MovedClock clock = new MovedClock();
    private final Vertx vertx = Vertx.vertx();
    private final CamelContext camel = new LeanCamelContext(true);
    private final TestLedger history = TestLedger.withSomeHistory();
    private String view;
    private String operate;
    private AdminServer server;

    @BeforeEach
    void start() throws IOException {
        camel.getRegistry().bind("byteBudget", new ByteBudget(1 << 20));
        camel.start();
        operate = TokenFile.in(data).add("kim", TokenRole.OPERATE, clock);
        view = TokenFile.in(data).add("viewer", TokenRole.VIEW, clock);
        server = server();
    }

    private AdminServer server() throws IOException {
        AdminServer made = new AdminServer(
                vertx,
                "127.0.0.1",
                0,
                new AdminToken(TOKEN),
                new NamedTokens(TokenFile.in(data)),
                history.ledger,
                camel,
                () -> "",
                clock,
                null,
                AllowedHosts.of("127.0.0.1", "serai.example.com"),
                Duration.ofSeconds(30),
                Duration.ofSeconds(60));
        made.start();
        return made;
    }

    @AfterEach
    void stop() {
        server.close();
        camel.stop();
        history.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void aTokenOpensASessionWhoseCookieStandsForIt() throws Exception {
        RawAnswer login = login(view);
        assertThat(login.status()).isEqualTo(200);
        JsonNode session = json.readTree(login.body());
        assertThat(session.path("name").asText()).isEqualTo("viewer");
        assertThat(session.path("role").asText()).isEqualTo("view");
        assertThat(Instant.parse(session.path("expiresAt").asText()))
                .isEqualTo(clock.instant().plus(Duration.ofHours(12)));
        assertThat(login.header("Set-Cookie").orElseThrow())
                .matches("serai-session=[\\w-]{43}; HttpOnly; SameSite=Strict; Path=/; Max-Age=43200")
                .doesNotContain(view);
        assertThat(login.header("Cache-Control")).contains("no-store");

        String cookie = cookie(login);
        assertThat(get("/console/session", cookie).body()).isEqualTo(login.body());
        for (String path : List.of("/api/status", "/api/flows", "/observe/metrics")) {
            assertThat(get(path, cookie).status()).as(path).isEqualTo(200);
        }
    }

    @Test
    void aSessionMayDoWhatItsTokenMayAndTheAuditNamesTheToken() throws Exception {
        assertThat(post(PAUSE, "{}", cookie(login(view)), CONSOLE))
                .satisfies(answer -> assertThat(answer.status()).isEqualTo(403))
                .satisfies(answer -> assertThat(answer.body()).contains("viewer has the role view"));

        String operator = cookie(login(operate));
        assertThat(post("/api/dead/replay", "{\"all\":true}", operator, CONSOLE).status())
                .isEqualTo(200);
        assertThat(get("/api/log", operator).body()).contains("\"actor\":\"kim\",\"action\":\"replay\"");
    }

    @Test
    void aWrongTokenOpensNothingAndCountsAsAGuess() throws Exception {
        RawAnswer wrong = login("a-guess");
        assertThat(wrong.status()).isEqualTo(401);
        assertThat(wrong.header("Content-Type")).contains("application/problem+json");
        assertThat(wrong.header("WWW-Authenticate")).isEmpty();
        assertThat(wrong.header("Set-Cookie")).isEmpty();

        for (int i = 0; i < 19; i++) {
            assertThat(get("/api/flows", "Authorization: Bearer a-guess").status())
                    .isEqualTo(401);
        }
        assertThat(login("a-guess").status()).isEqualTo(429);
        assertThat(login(TOKEN).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "{}", "x", "[]", "\"t\"", "{\"token\":1}", "{\"token\":null}", "{\"token\":\"a\",\"b\":1}"})
    void aLoginThatIsNotUnderstoodIsRefused(String body) throws Exception {
        assertThat(post("/console/session", body, CONSOLE).status()).isEqualTo(400);
    }

    @Test
    void aLoginThatIsTooLongIsRefused() throws Exception {
        assertThat(post("/console/session", "x".repeat(5000), CONSOLE).status()).isEqualTo(413);
        assertThat(RawAnswer.of(server.port(), "PUT", "/console/session", "{}", CONSOLE)
                        .status())
                .isEqualTo(405);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Accept: */*",
                "Serai-Console: 0",
                CONSOLE + "|" + CONSOLE,
                CONSOLE + "|Origin: https://evil.example",
                CONSOLE + "|Origin: null",
                CONSOLE + "|Origin: http://127.0.0.1",
                CONSOLE + "|Origin: https://OWN",
                CONSOLE + "|Origin: http://OWN|Origin: http://evil.example",
                CONSOLE + "|Sec-Fetch-Site: cross-site",
                CONSOLE + "|Sec-Fetch-Site: same-site",
                CONSOLE + "|Sec-Fetch-Site: none",
                CONSOLE + "|Origin: http://OWN|Sec-Fetch-Site: cross-site",
            })
    void noForeignPageActsWithASession(String headers) throws Exception {
        String cookie = cookie(login(TOKEN));
        String[] sent = headers(headers + "|" + cookie);

        for (String path : List.of(PAUSE, "/api/dead/discard", "/api/nothing")) {
            RawAnswer refused = post(path, "{\"all\":true}", sent);
            assertThat(refused.status()).as(path).isEqualTo(403);
            assertThat(refused.body()).contains("console's session is refused because");
        }
        assertThat(post("/console/session", "{\"token\":\"" + TOKEN + "\"}", sent)
                        .status())
                .isEqualTo(403);
        assertThat(RawAnswer.of(server.port(), "DELETE", "/console/session", "", sent)
                        .status())
                .isEqualTo(403);
        assertThat(history.ledger.actions().log().list(all())).isEmpty();
        assertThat(get("/console/session", cookie).status()).isEqualTo(200);
    }

    private static AuditQuery all() {
        return new AuditQuery(null, null, null, null, Long.MAX_VALUE, 100);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                CONSOLE,
                CONSOLE + "|Origin: http://OWN",
                CONSOLE + "|Origin: http://OWN|Sec-Fetch-Site: same-origin"
            })
    void itsOwnPagesAct(String headers) throws Exception {
        String cookie = cookie(login(TOKEN));

        assertThat(post("/api/dead/replay", "{\"all\":true}", headers(headers + "|" + cookie))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void noForeignPageReadsWithASession() throws Exception {
        String cookie = cookie(login(TOKEN));

        for (String site : List.of("cross-site", "same-site")) {
            for (String path : List.of("/api/flows", "/observe/metrics", "/console/session")) {
                assertThat(get(path, cookie, "Sec-Fetch-Site: " + site).status())
                        .as(path)
                        .isEqualTo(403);
            }
        }
        for (String site : List.of("same-origin", "none")) {
            assertThat(get("/api/flows", cookie, "Sec-Fetch-Site: " + site).status())
                    .isEqualTo(200);
        }
    }

    @Test
    void aTokenInTheHeaderNeedsNothingElse() throws Exception {
        String token = "Authorization: Bearer " + TOKEN;

        assertThat(post("/api/dead/replay", "{\"all\":true}", token, "Sec-Fetch-Site: cross-site", "Origin: null")
                        .status())
                .isEqualTo(200);
        assertThat(get("/api/flows", token, "Host: any.example").status()).isEqualTo(200);
        assertThat(get("/api/flows", "Authorization: Bearer x", cookie(login(TOKEN)))
                        .status())
                .isEqualTo(401);
    }

    @Test
    void aSessionIsOfNoUseUnderAForeignName() throws Exception {
        String cookie = cookie(login(TOKEN));

        for (String host : List.of("evil.example", "localhost.evil.example:8081")) {
            for (String path : List.of("/api/flows", "/console/session")) {
                RawAnswer refused = get(path, cookie, "Host: " + host);
                assertThat(refused.status()).as(path).isEqualTo(421);
                assertThat(refused.body()).contains("serai.admin.names");
            }
            assertThat(post("/console/session", "{\"token\":\"" + TOKEN + "\"}", CONSOLE, "Host: " + host)
                            .status())
                    .isEqualTo(421);
        }
    }

    @Test
    void behindAProxyWithTlsTheCookieIsSecure() throws Exception {
        String[] proxied = {CONSOLE, "Host: serai.example.com", "Origin: https://serai.example.com"};
        RawAnswer login = post("/console/session", "{\"token\":\"" + TOKEN + "\"}", proxied);

        assertThat(login.status()).isEqualTo(200);
        assertThat(login.header("Set-Cookie").orElseThrow()).endsWith("; Secure");
    }

    @Test
    void aSessionEndsTwoHoursAfterItsLastRequest() throws Exception {
        String cookie = cookie(login(TOKEN));

        clock.move(Duration.ofMinutes(119));
        assertThat(get("/api/flows", cookie).status()).isEqualTo(200);
        clock.move(Duration.ofMinutes(119));
        assertThat(get("/api/flows", cookie).status()).isEqualTo(200);
        clock.move(Duration.ofMinutes(120));
        assertEnded(cookie);
    }

    @Test
    void aSessionEndsAfterTwelveHoursHoweverBusyItIs() throws Exception {
        String cookie = cookie(login(TOKEN));

        for (int hour = 1; hour < 12; hour++) {
            clock.move(Duration.ofHours(1));
            assertThat(get("/api/flows", cookie).status()).isEqualTo(200);
        }
        clock.move(Duration.ofHours(1));
        assertEnded(cookie);
    }

    @Test
    void aSessionEndsWithItsToken() throws Exception {
        String cookie = cookie(login(view));
        String other = cookie(login(TOKEN));

        TokenFile.in(data).remove("viewer");
        await().atMost(Patience.MAX).until(() -> get("/api/flows", cookie).status() == 401);
        assertEnded(cookie);
        assertThat(get("/api/flows", other).status()).isEqualTo(200);
    }

    @Test
    void aSessionEndsWhenItsTokenGetsAnotherRole() throws Exception {
        String cookie = cookie(login(view));

        Path file = data.resolve("tokens");
        Files.writeString(file, Files.readString(file).replace("viewer view ", "viewer operate "));
        await().atMost(Patience.MAX).until(() -> get("/api/flows", cookie).status() == 401);
        assertThat(login(view).body()).contains("\"role\":\"operate\"");
        assertEnded(cookie);
    }

    @Test
    void aLogoutEndsTheSession() throws Exception {
        String cookie = cookie(login(TOKEN));

        RawAnswer out = RawAnswer.of(server.port(), "DELETE", "/console/session", "", cookie, CONSOLE);
        assertThat(out.status()).isEqualTo(204);
        assertThat(out.header("Set-Cookie").orElseThrow())
                .startsWith("serai-session=;")
                .contains("Max-Age=0");
        assertEnded(cookie);
    }

    @Test
    void aLoginEndsTheSessionThatTheBrowserHadBefore() throws Exception {
        String before = cookie(login(TOKEN));
        String after = cookie(post("/console/session", "{\"token\":\"" + view + "\"}", before, CONSOLE));

        assertEnded(before);
        assertThat(get("/console/session", after).body()).contains("viewer");
    }

    @Test
    void aRestartEndsAllSessions() throws Exception {
        String cookie = cookie(login(TOKEN));
        server.close();
        server = server();

        assertEnded(cookie);
    }

    @Test
    void whatIsNotASessionOpensNothing() throws Exception {
        assertThat(get("/console/session").status()).isEqualTo(204);
        for (String cookie : List.of("", "x", "\"\"", "x".repeat(3000), TOKEN)) {
            assertEnded("Cookie: serai-session=" + cookie);
        }
        String session = cookie(login(TOKEN));
        assertThat(get("/api/flows", "Cookie: serai-session=x; " + session.substring("Cookie: ".length()))
                        .status())
                .as("a cookie of the same name of another domain")
                .isEqualTo(200);
    }

    private void assertEnded(String cookie) throws IOException {
        for (String path : List.of("/api/flows", "/observe/metrics", "/console/session")) {
            RawAnswer ended = get(path, cookie);
            assertThat(ended.status()).as(path).isEqualTo(401);
            assertThat(ended.body()).contains("the session ended").contains("log in again");
            assertThat(ended.header("WWW-Authenticate")).isEmpty();
        }
    }

    private RawAnswer login(String token) throws IOException {
        return post("/console/session", "{\"token\":\"" + token + "\"}", CONSOLE);
    }

    private static String cookie(RawAnswer login) {
        return "Cookie: " + login.header("Set-Cookie").orElseThrow().replaceAll(";.*", "");
    }

    private String[] headers(String all) {
        List<String> headers = new ArrayList<>(Arrays.asList(all.split("\\|")));
        headers.replaceAll(header -> header.replace("OWN", "127.0.0.1:" + server.port()));
        return headers.toArray(String[]::new);
    }

    private RawAnswer get(String path, String... headers) throws IOException {
        return RawAnswer.get(server.port(), path, headers);
    }

    private RawAnswer post(String path, String body, String... headers) throws IOException {
        return RawAnswer.of(server.port(), "POST", path, body, headers);
    }
}
