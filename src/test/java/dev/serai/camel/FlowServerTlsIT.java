package dev.serai.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.support.jsse.KeyManagersParameters;
import org.apache.camel.support.jsse.KeyStoreParameters;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlowServerTlsIT {

    private static final String PASSWORD = "only-for-this-test";

    private final Edge edge = new Edge();

    @TempDir
    Path directory;

    @AfterEach
    void stop() {
        edge.close();
    }

    @Test
    void itSpeaksTlsWithTheContextsCertificate() throws Exception {
        Path store = certificate();
        edge.context.setSSLContextParameters(parameters(store));
        edge.settings = tls();
        edge.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("ingress:x").process(edge::record);
            }
        });

        HttpClient client = HttpClient.newBuilder().sslContext(trusting(store)).build();
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://localhost:" + edge.port() + "/x"))
                .timeout(Duration.ofSeconds(20))
                .POST(BodyPublishers.ofString("over TLS"))
                .build();

        assertThat(client.send(request, BodyHandlers.discarding()).statusCode()).isEqualTo(204);
        assertThat(edge.got.get(0).body()).asString().isEqualTo("over TLS");
    }

    @Test
    void tlsWithoutACertificateDoesNotStart() {
        assertThatThrownBy(() -> FlowServer.start(edge.context, tls()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("camel.ssl");
    }

    private static FlowServer.Settings tls() {
        return new FlowServer.Settings("127.0.0.1", 0, true, 1 << 20, Duration.ofSeconds(30), Duration.ofSeconds(60));
    }

    private Path certificate() throws Exception {
        Path store = directory.resolve("store.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "test",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost",
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        PASSWORD)
                .redirectErrorStream(true)
                .start();
        String said = new String(keytool.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(keytool.waitFor()).as(said).isZero();
        return store;
    }

    private static SSLContextParameters parameters(Path store) {
        KeyStoreParameters keys = new KeyStoreParameters();
        keys.setResource("file:" + store);
        keys.setType("PKCS12");
        keys.setPassword(PASSWORD);
        KeyManagersParameters managers = new KeyManagersParameters();
        managers.setKeyStore(keys);
        managers.setKeyPassword(PASSWORD);
        SSLContextParameters parameters = new SSLContextParameters();
        parameters.setKeyManagers(managers);
        return parameters;
    }

    private static SSLContext trusting(Path store) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(in, PASSWORD.toCharArray());
            trusted.load(null, null);
            trusted.setCertificateEntry("test", keys.getCertificate("test"));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }
}
