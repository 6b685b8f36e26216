package dev.serai.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.support.Patience;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrustedProxiesTest {
    private static final Vertx VERTX = Vertx.vertx();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private static volatile TrustedProxies proxies = TrustedProxies.NONE;
    private static HttpServer server;

    @BeforeAll
    static void start() {
        server = VERTX.createHttpServer(
                        new HttpServerOptions().setHost("127.0.0.1").setPort(0))
                .requestHandler(request -> request.response().end(proxies.client(request)))
                .listen()
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    @AfterAll
    static void stop() {
        VERTX.close().toCompletionStage().toCompletableFuture().join();
    }

    private static String client(String trusted, String... headers) throws Exception {
        proxies = TrustedProxies.of(trusted);
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.actualPort()))
                .timeout(Patience.MAX);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return CLIENT.send(request.build(), BodyHandlers.ofString()).body();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "203.0.113.7 | 203.0.113.7",
                "198.51.100.1, 203.0.113.7 | 203.0.113.7",
                "198.51.100.1, 203.0.113.7, 10.1.2.3 | 203.0.113.7",
                "203.0.113.7:4711 | 203.0.113.7",
                "10.0.0.9, 10.1.2.3 | 10.0.0.9",
                "2001:db8::7 | 2001:db8:0:0:0:0:0:7",
                "[2001:db8::7]:4711, fd00::1 | 2001:db8:0:0:0:0:0:7",
                "203.0.113.7, unknown, 10.1.2.3 | 10.1.2.3",
                "203.0.113.7, not an address | 127.0.0.1",
                "'' | 127.0.0.1",
                "::ffff:203.0.113.7 | 203.0.113.7",
            })
    void theClientIsTheRightMostThatIsNoTrustedProxy(String header, String client) throws Exception {
        assertThat(client("127.0.0.0/8, 10.0.0.0/8,fd00::/8", "X-Forwarded-For", header))
                .isEqualTo(client);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "for=203.0.113.7 | 203.0.113.7",
                "For=\"203.0.113.7:4711\";proto=https;by=10.0.0.1 | 203.0.113.7",
                "for=198.51.100.1, for=203.0.113.7;host=shop.example, for=10.0.0.1 | 203.0.113.7",
                "proto=https; for=\"[2001:db8::7]:4711\" | 2001:db8:0:0:0:0:0:7",
                "for=203.0.113.7, for=_hidden | 127.0.0.1",
                "for=\"forged, for=203.0.113.7 | 203.0.113.7",
                "proto=https | 127.0.0.1",
            })
    void theStandardHeaderDoesAsWell(String header, String client) throws Exception {
        assertThat(client("127.0.0.1,10.0.0.0/8", "Forwarded", header)).isEqualTo(client);
    }

    @Test
    void whoIsNoTrustedProxyIsNotBelieved() throws Exception {
        assertThat(client("", "X-Forwarded-For", "203.0.113.7")).isEqualTo("127.0.0.1");
        assertThat(client("10.0.0.0/8", "X-Forwarded-For", "203.0.113.7", "Forwarded", "for=203.0.113.7"))
                .isEqualTo("127.0.0.1");
    }

    @Test
    void severalHeadersOfOneNameAreOneList() throws Exception {
        assertThat(client("127.0.0.1", "X-Forwarded-For", "198.51.100.1", "X-Forwarded-For", "203.0.113.7"))
                .isEqualTo("203.0.113.7");
    }

    @Test
    void whereBothHeadersNameDifferentClientsTheProxyItselfCounts() throws Exception {
        assertThat(client("127.0.0.1", "X-Forwarded-For", "203.0.113.7", "Forwarded", "for=198.51.100.1"))
                .isEqualTo("127.0.0.1");
        assertThat(client("127.0.0.1", "X-Forwarded-For", "203.0.113.7", "Forwarded", "for=203.0.113.7"))
                .isEqualTo("203.0.113.7");
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0/33", "proxy.example", "10.0.0.0/x", "300.1.1.1", "::/129", "10.0.0.0/-1"})
    void whatIsNoNetworkIsRefused(String text) {
        assertThatThrownBy(() -> TrustedProxies.of("127.0.0.1, " + text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(text);
    }
}
