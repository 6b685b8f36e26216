package dev.serai.camel.ingress;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.serai.camel.SourceRegistry;
import dev.serai.camel.SourceReport;
import dev.serai.camel.http.FlowServer;
import dev.serai.camel.http.FlowServerSettings;
import dev.serai.http.CertificateFiles;
import dev.serai.http.ServerTls;
import dev.serai.http.TrustedProxies;
import dev.serai.support.CapturedLog;
import dev.serai.support.Http2Peer;
import dev.serai.support.Patience;
import dev.serai.support.TestKeys;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.StreamResetException;
import io.vertx.core.net.PfxOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The flows' port with TLS: certificates of clients, and HTTP/2. */
class TlsIngressTest {
    private static final int BODY_MAX = 1_000;

    @TempDir
    private static Path folder;

    private static TestKeys server;
    private static TestKeys shop;
    private static TestKeys stranger;

    private final Vertx vertx = Vertx.vertx();
    private final Edge edge = new Edge();
    private final CountDownLatch release = new CountDownLatch(1);
    private Path partnerAuthorities;

    @BeforeAll
    static void makeKeys() throws Exception {
        server = TestKeys.create(folder, "server");
        shop = TestKeys.create(folder, "shop", "CN=shop, O=Example, C=NL");
        stranger = TestKeys.create(folder, "stranger", "CN=shop, O=Example, C=NL");
    }

    @AfterEach
    void stop() {
        release.countDown();
        edge.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private void start(long idleMillis) throws Exception {
        edge.settings = new FlowServerSettings(
                "127.0.0.1",
                0,
                BODY_MAX,
                Duration.ofSeconds(30),
                Duration.ofMillis(idleMillis),
                CertificateFiles.of("serai.http.tls", null, null, server.store().toString(), TestKeys.PASSWORD),
                TrustedProxies.NONE);
        edge.ingress.setMaxBodyBytes(BODY_MAX);
        String trusted =
                "?trustedCertificates=" + (partnerAuthorities == null ? shop.certificate() : partnerAuthorities);
        edge.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("ingress:open").process(edge::record);
                from("ingress:slow").process(TlsIngressTest.this::waitForRelease);
                from("ingress:partner" + trusted).routeId("partner").process(edge::record);
                from("ingress:named" + trusted + "&clientSubject=RAW(o=example,cn=Shop)")
                        .process(edge::record);
                from("ingress:other" + trusted + "&clientSubject=RAW(CN=bank)").process(edge::record);
                from("platform-http:/web").process(edge::record);
            }
        });
    }

    private void waitForRelease(Exchange exchange) throws InterruptedException {
        assertThat(release.await(Patience.MAX_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
    }

    private HttpClient client(TestKeys own, HttpVersion version) {
        return client(own, version, new Http2Settings());
    }

    private HttpClient client(TestKeys own, HttpVersion version, Http2Settings http2) {
        HttpClientOptions options = new HttpClientOptions()
                .setSsl(true)
                .setUseAlpn(version == HttpVersion.HTTP_2)
                .setProtocolVersion(version)
                .setHttp2MaxPoolSize(1)
                .setInitialSettings(http2)
                .setTrustAll(true)
                .setVerifyHost(false);
        if (own != null) {
            options.setPfxKeyCertOptions(
                    new PfxOptions().setPath(own.store().toString()).setPassword(TestKeys.PASSWORD));
        }
        return vertx.createHttpClient(options);
    }

    private Future<HttpClientRequest> request(HttpClient client, String path) {
        return client.request(new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setHost("127.0.0.1")
                .setPort(edge.port())
                .setURI(path));
    }

    private Future<HttpClientResponse> post(HttpClient client, String path) {
        return request(client, path).compose(request -> request.send("{}"));
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(Patience.MAX_MILLIS, TimeUnit.MILLISECONDS);
    }

    private int status(TestKeys own, String path) throws Exception {
        int http2 = get(post(client(own, HttpVersion.HTTP_2), path)).statusCode();
        int http1 = get(post(client(own, HttpVersion.HTTP_1_1), path)).statusCode();
        assertThat(http1).isEqualTo(http2);
        return http2;
    }

    private Map<String, Long> refused(String route) {
        return SourceRegistry.of(edge.context).reports().stream()
                .filter(report -> report.name().equals(route))
                .map(SourceReport::refused)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void onlyThePathsThatDemandACertificateNeedOne() throws Exception {
        start(60_000);

        assertThat(status(null, "/open")).isEqualTo(204);
        assertThat(status(stranger, "/open")).isEqualTo(204);
        assertThat(status(shop, "/partner")).isEqualTo(204);
        try (CapturedLog log = new CapturedLog(ClientCertificates.class)) {
            assertThat(status(null, "/partner")).isEqualTo(401);
            assertThat(status(stranger, "/partner")).isEqualTo(403);
            assertThat(log.lines())
                    .hasSize(2)
                    .anySatisfy(
                            line -> assertThat(line).contains("127.0.0.1 for /partner was refused: it has sent none"))
                    .anySatisfy(line -> assertThat(line).contains("(CN=shop,O=Example,C=NL, issued by "));
        }

        assertThat(refused("partner")).containsOnly(Map.entry("client certificate", 4L));
    }

    @Test
    void theSubjectMustHaveWhatIsDemanded() throws Exception {
        start(60_000);

        assertThat(status(shop, "/named")).isEqualTo(204);
        assertThat(status(shop, "/other")).isEqualTo(403);
    }

    @Test
    void aChangedFileOfAuthoritiesCountsForOpenConnectionsToo() throws Exception {
        Path authorities = Files.copy(shop.certificate(), folder.resolve("authorities.pem"), REPLACE_EXISTING);
        partnerAuthorities = authorities;
        start(60_000);
        HttpClient open = client(shop, HttpVersion.HTTP_2);
        assertThat(get(post(open, "/partner")).statusCode()).isEqualTo(204);

        Files.copy(stranger.certificate(), authorities, REPLACE_EXISTING);

        HttpClient newcomer = client(stranger, HttpVersion.HTTP_2);
        await().until(() -> get(post(newcomer, "/partner")).statusCode() == 204);
        assertThat(get(post(open, "/partner")).statusCode()).isEqualTo(403);

        Files.writeString(authorities, "no certificate");

        ServerTls tls = FlowServer.of(edge.context).tls();
        await().untilAsserted(() -> assertThat(tls.trouble())
                .startsWith("trustedCertificates: " + authorities)
                .contains("the path /partner goes on with the authorities before"));
        assertThat(status(stranger, "/partner")).isEqualTo(204);

        edge.context.getRouteController().stopRoute("partner");
        assertThat(tls.trouble()).doesNotContain("/partner");
    }

    @Test
    void aRefusedRequestLeavesTheOthersOfItsConnectionAlone() throws Exception {
        start(60_000);
        HttpClient client = client(null, HttpVersion.HTTP_2);
        Future<HttpClientResponse> slow = post(client, "/slow");
        HttpClientRequest endless = get(request(client, "/open"));
        endless.putHeader("Content-Length", String.valueOf(10 * BODY_MAX));

        endless.write(Buffer.buffer(new byte[10]));

        HttpClientResponse refused = get(endless.response());
        assertThat(refused.statusCode()).isEqualTo(413);
        assertThat(refused.headers().contains("Connection")).isFalse();
        release.countDown();
        assertThat(get(slow).statusCode()).isEqualTo(204);
        HttpConnection connection = get(slow).request().connection();
        assertThat(endless.connection()).isSameAs(connection);
        assertThat(get(post(client, "/open")).request().connection()).isSameAs(connection);
    }

    @Test
    void aBodyThatDoesNotComeEndsItsStreamOnly() throws Exception {
        start(300);
        HttpClient client = client(null, HttpVersion.HTTP_2);
        Future<HttpClientResponse> slow = post(client, "/slow");
        HttpClientRequest stalled = get(request(client, "/open"));
        stalled.putHeader("Content-Length", "10");

        stalled.write(Buffer.buffer("{"));

        assertThatThrownBy(() -> get(stalled.response()))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(StreamResetException.class);
        release.countDown();
        assertThat(get(slow).statusCode()).isEqualTo(204);
        assertThat(get(slow).request().connection()).isSameAs(stalled.connection());
    }

    @Test
    void anAnswerInProgressIsSentBeforeTheServerStops() throws Exception {
        start(60_000);
        HttpClient client = client(null, HttpVersion.HTTP_2);
        HttpClientRequest request = get(request(client, "/slow"));
        CountDownLatch goAway = new CountDownLatch(1);
        request.connection().goAwayHandler(going -> goAway.countDown());
        Future<HttpClientResponse> slow = request.send("{}");
        await().until(() -> edge.context.getInflightRepository().size() == 1);

        FlowServer.of(edge.context).drain();

        assertThat(goAway.await(Patience.MAX_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
        release.countDown();
        assertThat(get(slow).statusCode()).isEqualTo(204);
    }

    @Test
    void otherRoutesOnThePortTakeHttp2Too() throws Exception {
        start(60_000);

        assertThat(status(null, "/web")).isEqualTo(200);
        assertThat(status(null, "/nothing")).isEqualTo(404);
        HttpClientRequest endless = get(request(client(null, HttpVersion.HTTP_2), "/web"));
        endless.setChunked(true);
        endless.write(Buffer.buffer(new byte[2 * BODY_MAX]));
        assertThat(get(endless.response()).statusCode()).isEqualTo(413);
    }

    @Test
    void anAnswerThatIsNotReadEndsItsStreamOnly() throws Exception {
        start(300);
        HttpClient client = client(null, HttpVersion.HTTP_2, new Http2Settings().setInitialWindowSize(0));
        Future<HttpClientResponse> slow = post(client, "/slow");

        HttpClientResponse unread = get(post(client, "/partner"));

        assertThat(unread.statusCode()).isEqualTo(401);
        assertThatThrownBy(() -> get(unread.body())).hasCauseInstanceOf(StreamResetException.class);
        release.countDown();
        assertThat(get(slow).statusCode()).isEqualTo(204);
        assertThat(get(slow).request().connection()).isSameAs(unread.request().connection());
    }

    /** As many may wait as there is memory for, see ConnectionLimits. */
    @Test
    void ofTooManyAnswersThatAreNotReadTheOldestAreGivenUp() throws Exception {
        start(60_000);
        List<Http2Peer> peers = new ArrayList<>();
        try {
            do {
                Http2Peer peer = Http2Peer.connect(
                        server.trusting(null),
                        edge.port(),
                        new io.netty.handler.codec.http2.Http2Settings().initialWindowSize(0));
                peers.add(peer);
                for (int stream = 1; stream < 128; stream += 2) {
                    peer.request(stream, Http2Peer.post("/partner"), "{}");
                }
                peer.awaitRead("HEADERS 127 401");
            } while (peers.size() < 200 && !hasReset(peers.get(0)));

            assertThat(hasReset(peers.get(0))).isTrue();
            assertThat(hasReset(peers.get(peers.size() - 1))).isFalse();
        } finally {
            for (Http2Peer peer : peers) {
                peer.close();
            }
        }
    }

    private static boolean hasReset(Http2Peer peer) {
        return peer.read.stream().anyMatch(frame -> frame.startsWith("RST "));
    }

    @ParameterizedTest
    @CsvSource({
        "Content-Length, abc",
        "Content-Length, -1",
        "Content-Length, 99999999999999999999",
        "Transfer-Encoding, chunked",
    })
    void aMalformedRequestHarmsNoOther(String name, String value) throws Exception {
        start(60_000);
        HttpClient client = client(null, HttpVersion.HTTP_2);
        try (CapturedLog log = new CapturedLog()) {
            HttpClientRequest request = get(request(client, "/open"));
            request.putHeader(name, value);
            request.exceptionHandler(refused -> {}); // or this client logs it
            request.sendHead();
            request.end("{}");

            assertThatThrownBy(() -> get(request.response())).isInstanceOf(ExecutionException.class);
            assertThat(get(post(client(null, HttpVersion.HTTP_2), "/open")).statusCode())
                    .isEqualTo(204);
            assertThat(edge.got).hasSize(1);
            assertThat(log.lines()).noneMatch(line -> line.startsWith("ERROR"));
        }
    }

    @Test
    void moreRequestsAtOnceThanAConnectionMayHaveWait() throws Exception {
        start(60_000);
        HttpClient client = client(null, HttpVersion.HTTP_2);
        List<Future<HttpClientResponse>> all = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            all.add(post(client, "/slow"));
        }
        release.countDown();

        for (Future<HttpClientResponse> one : all) {
            assertThat(get(one).statusCode()).isEqualTo(204);
        }
    }
}
