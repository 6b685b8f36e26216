package dev.serai.camel.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.camel.ingress.Edge;
import dev.serai.support.Patience;
import dev.serai.support.TestKeys;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.support.jsse.KeyManagersParameters;
import org.apache.camel.support.jsse.KeyStoreParameters;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlowServerTlsIT {

    private final Edge edge = new Edge();

    @TempDir
    Path directory;

    @AfterEach
    void stop() {
        edge.close();
    }

    @Test
    void itSpeaksTlsWithTheContextsCertificate() throws Exception {
        TestKeys keys = TestKeys.create(directory, "server");
        edge.context.setSSLContextParameters(parameters(keys.store()));
        edge.settings = tls();
        edge.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("ingress:x").process(edge::record);
            }
        });

        HttpClient client =
                HttpClient.newBuilder().sslContext(keys.trusting(null)).build();
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://localhost:" + edge.port() + "/x"))
                .timeout(Patience.MAX)
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

    private static FlowServerSettings tls() {
        return new FlowServerSettings("127.0.0.1", 0, true, 1 << 20, Duration.ofSeconds(30), Duration.ofSeconds(60));
    }

    private static SSLContextParameters parameters(Path store) {
        KeyStoreParameters keys = new KeyStoreParameters();
        keys.setResource("file:" + store);
        keys.setType("PKCS12");
        keys.setPassword(TestKeys.PASSWORD);
        KeyManagersParameters managers = new KeyManagersParameters();
        managers.setKeyStore(keys);
        managers.setKeyPassword(TestKeys.PASSWORD);
        SSLContextParameters parameters = new SSLContextParameters();
        parameters.setKeyManagers(managers);
        return parameters;
    }
}
