package dev.serai.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.access.NamedTokens;
import dev.serai.admin.console.AllowedHosts;
import dev.serai.camel.LeanCamelContext;
import dev.serai.support.Patience;
import io.vertx.core.Vertx;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files of the console, as the admin port serves them to anybody. */
class ConsolePagesTest {
    private static final Pattern ETAG = Pattern.compile("(?im)^etag: (\"\\S+\")");

    private static final Pattern VERSION = Pattern.compile("/console/assets/([0-9a-f]{16})/app\\.js");

    private final Vertx vertx = Vertx.vertx();
    private final CamelContext camel = new LeanCamelContext(true);
    private final TestLedger history = TestLedger.withSomeHistory();
    private final AdminServer server = new AdminServer(
            vertx,
            "127.0.0.1",
            0,
            new AdminToken("test-only-token-0123456789"),
            new NamedTokens(null),
            history.ledger,
            camel,
            () -> "",
            Clock.fixed(TestLedger.START, ZoneOffset.UTC),
            null,
            AllowedHosts.of("node7.internal", "serai.example.com, Other.Example"),
            Duration.ofSeconds(30),
            Duration.ofSeconds(60));

    @BeforeEach
    void start() throws IOException {
        camel.start();
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
        camel.stop();
        history.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private String asset(String name) throws IOException {
        return "/console/assets/" + version() + "/" + name;
    }

    private String version() throws IOException {
        Matcher version = VERSION.matcher(get("/console/"));
        assertThat(version.find()).isTrue();
        return version.group(1);
    }

    @Test
    void theRootLeadsToTheConsole() throws IOException {
        assertThat(get("/")).startsWith("HTTP/1.1 302 ").containsIgnoringCase("location: /console/\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/console",
                "/console/",
                "/console/record?q=A-1",
                "/console/flows/orders",
                "/console/flows/a%2Fb%00%22%3Cscript%3E",
                "/console/../api/flows",
                "/console/%2e%2e/api/flows",
            })
    void everyAddressOfAPageIsTheOnePage(String path) throws IOException {
        assertThat(get(path))
                .startsWith("HTTP/1.1 200 ")
                .containsIgnoringCase("content-type: text/html; charset=utf-8")
                .contains("<!doctype html>")
                .doesNotContain("accepted");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/console/assets/",
                "/console/assets/app.js",
                "/console/assets/0123456789abcdef/app.js",
                "/console/assets/VERSION/",
                "/console/assets/VERSION/none.js",
                "/console/assets/VERSION/../index.html",
                "/console/assets/../index.html",
                "/console/assets/../ConsoleFiles.class",
                "/console/assets/%2e%2e/index.html",
                "/console/assets/VERSION/lib/../../index.html",
                "/console/assets/VERSION/lib/..%2fuplot.js",
                "/console/assets/VERSION//lib/uplot.js",
                "/console/assets//VERSION/lib/uplot.js",
                "/console/assets/VERSION/lib/uplot.js/",
                "/console/assets/VERSION/META-INF/MANIFEST.MF",
                "/console/assets/VERSION/lib/uPlot.cjs.js",
            })
    void nothingButTheKnownFilesIsServed(String path) throws IOException {
        assertThat(get(path.replace("VERSION", version())))
                .startsWith("HTTP/1.1 404 ")
                .contains("application/problem+json");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/console",
                "/console/assets/VERSION/lib/uplot.js",
                "/console/assets/none",
                "/console/flows/%zz"
            })
    void everyAnswerHasTheHeadersThatProtectIt(String path) throws IOException {
        assertThat(get(path.replace("VERSION", version())).lines())
                .contains(
                        "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
                                + " font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none';"
                                + " frame-ancestors 'none'",
                        "X-Content-Type-Options: nosniff",
                        "Referrer-Policy: no-referrer",
                        "Cross-Origin-Opener-Policy: same-origin",
                        "Cross-Origin-Resource-Policy: same-origin");
    }

    @Test
    void theFilesThatThePageNamesAreThereAndAreKeptForGood() throws IOException {
        String page = get("/console/");
        assertThat(page).containsIgnoringCase("cache-control: no-cache");
        List<String> paths = Pattern.compile("(?:src|href)=\"([^\"]+)\"")
                .matcher(page)
                .results()
                .map(found -> found.group(1))
                .toList();

        assertThat(paths).hasSizeGreaterThan(20).contains(asset("app.js"), asset("app.css"), asset("pages/stuck.js"));
        for (String path : paths) {
            assertThat(get(path))
                    .startsWith("HTTP/1.1 200 ")
                    .containsIgnoringCase("cache-control: public, max-age=31536000, immutable");
        }
    }

    @Test
    void whatIsKeptIsAskedForAndNotSentAgain() throws IOException {
        String path = asset("lib/uplot.js");
        String first = get(path);
        assertThat(first)
                .startsWith("HTTP/1.1 200 ")
                .containsIgnoringCase("content-type: text/javascript; charset=utf-8")
                .contains("export { uPlot as default }");
        String etag = etag(first);

        assertThat(get(path, "If-None-Match: " + etag))
                .startsWith("HTTP/1.1 304 ")
                .contains(etag)
                .endsWith("\r\n\r\n");
        assertThat(get(path, "If-None-Match: \"x\", W/" + etag)).startsWith("HTTP/1.1 304 ");
        assertThat(get(path, "If-None-Match: \"x\"")).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void aFileIsCompressedForWhoTakesIt() throws IOException {
        String path = asset("lib/preact.js");
        byte[] answer = bytes("GET", path, "Accept-Encoding: br, gzip;q=0.5");
        String head = new String(answer, StandardCharsets.ISO_8859_1);
        byte[] body = Arrays.copyOfRange(answer, head.indexOf("\r\n\r\n") + 4, answer.length);

        assertThat(head).containsIgnoringCase("content-encoding: gzip").containsIgnoringCase("vary: accept-encoding");
        assertThat(new String(
                        new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes(), StandardCharsets.UTF_8))
                .contains("as useState");
        assertThat(etag(head)).isNotEqualTo(etag(get(path)));
        for (String none :
                List.of("Accept-Encoding: gzip;q=0", "Accept-Encoding: br", "Accept-Encoding: gzip; q=0.0")) {
            assertThat(get(path, none).toLowerCase(Locale.ROOT)).doesNotContain("content-encoding");
        }
    }

    @Test
    void aHeadSaysTheSameWithoutTheBody() throws IOException {
        String head = new String(bytes("HEAD", asset("lib/uplot.css")), StandardCharsets.UTF_8);

        assertThat(head)
                .startsWith("HTTP/1.1 200 ")
                .containsIgnoringCase("content-type: text/css; charset=utf-8")
                .containsPattern("(?i)content-length: 18\\d\\d")
                .endsWith("\r\n\r\n");
    }

    @Test
    void pagesAreOnlyRead() throws IOException {
        assertThat(new String(bytes("POST", "/console/flows/orders", "Content-Length: 0"), StandardCharsets.UTF_8))
                .startsWith("HTTP/1.1 405 ")
                .containsIgnoringCase("allow: GET, HEAD");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1:8081",
                "127.8.9.10",
                "10.1.2.3:1",
                "[::1]:8081",
                "[fd00::7]",
                "localhost:8081",
                "LOCALHOST",
                "node7.internal:8081",
                "serai.example.com",
                "other.example:443",
            })
    void theConsoleOpensByItsOwnNames(String host) throws IOException {
        assertThat(getFrom(host, "/console/")).startsWith("HTTP/1.1 200 ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "evil.example:8081",
                "localhost.evil.example",
                "127.0.0.1.evil.example",
                "127.0.0.1.",
                "127.0.0.256",
                "2130706433",
                "serai.example.com.evil.example",
                "x.serai.example.com",
                "node7",
                "[::1.evil]",
            })
    void aForeignNameThatLeadsHereOpensNothing(String host) throws IOException {
        for (String path : List.of("/", "/console/", asset("lib/uplot.js"))) {
            assertThat(getFrom(host, path))
                    .startsWith("HTTP/1.1 4")
                    .containsPattern("^HTTP/1.1 4(21|00) ")
                    .doesNotContain("doctype", "uPlot");
        }
    }

    @Test
    void theAnswerToAForeignNameNamesTheSetting() throws IOException {
        assertThat(getFrom("evil.example", "/console/"))
                .startsWith("HTTP/1.1 421 ")
                .contains("serai.admin.names");
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://serai.example.com", "serai.example.com:443", "a b", "", "a,,b", "a/b", "*.x"})
    void whatIsNotANameIsRefused(String names) {
        assertThatThrownBy(() -> AllowedHosts.of("127.0.0.1", names))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not the name of a host");
    }

    private static String etag(String answer) {
        Matcher etag = ETAG.matcher(answer);
        assertThat(etag.find()).isTrue();
        return etag.group(1);
    }

    private String get(String path, String... headers) throws IOException {
        return new String(bytes("GET", path, headers), StandardCharsets.UTF_8);
    }

    private String getFrom(String host, String path) throws IOException {
        return new String(exchange("GET " + path + " HTTP/1.1\r\nHost: " + host), StandardCharsets.UTF_8);
    }

    private byte[] bytes(String method, String path, String... headers) throws IOException {
        String more = headers.length == 0 ? "" : "\r\n" + String.join("\r\n", headers);
        return exchange(method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1" + more);
    }

    private byte[] exchange(String head) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.setSoTimeout(Patience.MAX_MILLIS);
            socket.getOutputStream()
                    .write((head + "\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
            return socket.getInputStream().readAllBytes();
        }
    }
}
