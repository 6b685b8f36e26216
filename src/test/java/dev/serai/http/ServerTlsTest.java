package dev.serai.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.serai.support.CapturedLog;
import dev.serai.support.Patience;
import dev.serai.support.TestKeys;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerTlsTest {
    private static final String PREFIX = "serai.http.tls";

    @TempDir
    private static Path made;

    private static TestKeys first;
    private static TestKeys second;

    @TempDir
    private Path folder;

    private final Vertx vertx = Vertx.vertx();
    private HttpServer server;

    @BeforeAll
    static void makeKeys() throws Exception {
        first = TestKeys.create(made, "first");
        second = TestKeys.create(made, "second");
    }

    @AfterEach
    void stop() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    /** Replaces the files of the server as a tool for certificates does. */
    private void put(TestKeys keys) throws Exception {
        replace(keys.certificate(), "server.pem");
        replace(keys.key(), "server.key");
    }

    private void replace(Path from, String name) throws IOException {
        Path copy = Files.copy(from, folder.resolve(name + ".new"), StandardCopyOption.REPLACE_EXISTING);
        Files.move(copy, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    private CertificateFiles pem() {
        return CertificateFiles.of(
                PREFIX,
                folder.resolve("server.pem").toString(),
                folder.resolve("server.key").toString(),
                null,
                null);
    }

    private ServerTls open() throws Exception {
        put(first);
        return ServerTls.open("flows", pem(), vertx, Clock.systemUTC());
    }

    private void listen(ServerTls tls) {
        HttpServerOptions options = new HttpServerOptions().setHost("127.0.0.1").setPort(0);
        tls.configure(options, true);
        server = vertx.createHttpServer(options)
                .requestHandler(request -> request.response().end("ok"))
                .listen()
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    private HttpResponse<String> get(SSLContext trust, HttpClient.Version version) throws Exception {
        HttpClient client =
                HttpClient.newBuilder().sslContext(trust).version(version).build();
        URI uri = URI.create("https://localhost:" + server.actualPort() + "/");
        return client.send(HttpRequest.newBuilder(uri).timeout(Patience.MAX).build(), BodyHandlers.ofString());
    }

    private SSLSocket connect(SSLContext trust) throws IOException {
        SSLSocket socket = (SSLSocket) trust.getSocketFactory().createSocket("localhost", server.actualPort());
        socket.setSoTimeout(Patience.MAX_MILLIS);
        return socket;
    }

    private Certificate shown() throws Exception {
        try (SSLSocket socket = connect(new AnyServer().context())) {
            socket.startHandshake();
            return socket.getSession().getPeerCertificates()[0];
        }
    }

    private static void ask(SSLSocket socket) throws IOException {
        socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        InputStream in = socket.getInputStream();
        StringBuilder answer = new StringBuilder();
        while (!answer.toString().endsWith("\r\n\r\nok")) {
            int read = in.read();
            assertThat(read).as("after %s", answer).isNotNegative();
            answer.append((char) read);
        }
    }

    @Test
    void bothVersionsOfHttpAreSpoken() throws Exception {
        listen(open());

        assertThat(get(first.trusting(null), HttpClient.Version.HTTP_2).version())
                .isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(get(first.trusting(null), HttpClient.Version.HTTP_1_1).version())
                .isEqualTo(HttpClient.Version.HTTP_1_1);
    }

    @Test
    void aPkcs12FileDoesAsWell() throws Exception {
        CertificateFiles files =
                CertificateFiles.of(PREFIX, null, null, first.store().toString(), TestKeys.PASSWORD);
        listen(ServerTls.open("flows", files, vertx, Clock.systemUTC()));

        assertThat(get(first.trusting(null), HttpClient.Version.HTTP_2).body()).isEqualTo("ok");
    }

    @Test
    void olderProtocolsAreRefused() throws Exception {
        listen(open());

        for (String protocol : new String[] {"TLSv1.2", "TLSv1.3"}) {
            try (SSLSocket socket = connect(first.trusting(null))) {
                socket.setEnabledProtocols(new String[] {protocol});
                ask(socket);
            }
        }
        try (SSLSocket socket = connect(first.trusting(null))) {
            socket.setEnabledProtocols(new String[] {"TLSv1.1"});
            assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLHandshakeException.class);
        }
    }

    @Test
    void aChangedCertificateIsForNewConnectionsAndOpenOnesGoOn() throws Exception {
        listen(open());
        try (SSLSocket open = connect(first.trusting(null))) {
            ask(open);

            put(second);

            Certificate expected = AnyServer.certificate(second.certificate());
            await().until(() -> shown().equals(expected));
            ask(open);
        }
    }

    @Test
    void aBrokenNewFileKeepsTheOldCertificateAndIsShownUntilItIsMended() throws Exception {
        ServerTls tls = open();
        listen(tls);
        assertThat(tls.trouble()).isNull();
        try (CapturedLog log = new CapturedLog(ReloadedFiles.class)) {
            Files.writeString(folder.resolve("server.key"), "not a key");

            await().until(() -> tls.trouble() != null);
            assertThat(tls.trouble())
                    .startsWith("serai.http.tls.key: " + folder.resolve("server.key") + " cannot be read: ")
                    .endsWith("; the flows port goes on with the certificate before");
            assertThat(log.lines()).singleElement().asString().startsWith("ERROR serai.http.tls.key: ");
        }
        assertThat(shown()).isEqualTo(AnyServer.certificate(first.certificate()));

        replace(second.key(), "server.key");
        await().untilAsserted(() -> assertThat(tls.trouble())
                .contains("the key does not belong to the first certificate of " + folder.resolve("server.pem")));
        Files.delete(folder.resolve("server.pem"));
        await().untilAsserted(() -> assertThat(tls.trouble()).contains("does not exist or cannot be read"));

        put(second);
        Certificate expected = AnyServer.certificate(second.certificate());
        await().until(() -> tls.trouble() == null && shown().equals(expected));
    }

    @Test
    void aCertificateThatExpiresSoonOrHasExpiredIsShown() throws Exception {
        put(first);
        Instant end = ServerTls.open("flows", pem(), vertx, Clock.systemUTC()).expiresAt();

        assertThat(troubleAt(end.minus(Duration.ofHours(30)))).isNull();
        assertThat(troubleAt(end.minus(Duration.ofMinutes(200))))
                .isEqualTo("the certificate of the flows port (" + folder.resolve("server.pem")
                        + ") expires in 3 h, at " + end + ": replace it");
        assertThat(troubleAt(end.plusSeconds(1))).contains("has expired at " + end + ": clients refuse it");
        assertThat(troubleAt(end.minus(Duration.ofDays(4)))).contains("is not valid before");
    }

    private String troubleAt(Instant now) throws IOException {
        return ServerTls.open("flows", pem(), vertx, Clock.fixed(now, ZoneOffset.UTC))
                .trouble();
    }

    @Test
    void whatCannotBeUsedIsRefusedAtTheStartWithItsProperty() throws Exception {
        put(first);
        replace(second.key(), "server.key");
        assertThatThrownBy(() -> ServerTls.open("flows", pem(), vertx, Clock.systemUTC()))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("serai.http.tls: the key does not belong to the first certificate");

        CertificateFiles locked =
                CertificateFiles.of(PREFIX, null, null, first.store().toString(), "wrong-password");
        assertThatThrownBy(() -> ServerTls.open("flows", locked, vertx, Clock.systemUTC()))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("serai.http.tls.keyStore: " + first.store())
                .hasMessageContaining("keyStorePassword")
                .hasMessageNotContaining("wrong-password");

        assertThatThrownBy(() -> CertificateFiles.of(PREFIX, "a.pem", null, null, null))
                .hasMessageContaining("serai.http.tls.certificate and serai.http.tls.key belong together");
        assertThatThrownBy(() -> CertificateFiles.of(PREFIX, "a.pem", "a.key", "a.p12", null))
                .hasMessageContaining("not both");
        assertThatThrownBy(() -> CertificateFiles.of(PREFIX, null, null, null, "secret"))
                .hasMessageContaining("keyStorePassword is set, but not serai.http.tls.keyStore");
        assertThat(CertificateFiles.of(PREFIX, null, null, null, null)).isNull();
    }
}
