package dev.serai.cli.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.serai.node.RunOptions;
import dev.serai.support.TestKeys;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line asks a node whose admin port has TLS. */
class AdminTlsTest {
    @TempDir
    private static Path made;

    /** For localhost, while the node is asked as 127.0.0.1. */
    private static TestKeys node;

    private static TestKeys other;

    @TempDir
    private Path folder;

    private HttpsServer server;

    @BeforeAll
    static void makeKeys() throws Exception {
        node = TestKeys.create(made, "node");
        other = TestKeys.create(made, "other");
    }

    @BeforeEach
    void listen() throws Exception {
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(node.trusting(node)));
        server.createContext("/", exchange -> {
            byte[] answer = "{\"ok\":true}".getBytes(UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private AdminClient client(Map<String, String> properties) throws Exception {
        Map<String, String> all = new HashMap<>(properties);
        all.put("serai.admin.port", String.valueOf(server.getAddress().getPort()));
        Path config = Files.createFile(folder.resolve("node.properties"));
        AdminSettings settings = AdminSettings.read(new RunOptions(List.of(), List.of(), config, null, all), Map.of());
        assertThat(settings.url())
                .isEqualTo("https://127.0.0.1:" + server.getAddress().getPort());
        return new AdminClient(settings.url(), folder.resolve("no-token"), null, settings.trust());
    }

    private static Map<String, String> pem(TestKeys keys) throws Exception {
        return Map.of(
                "serai.admin.tls.certificate",
                keys.certificate().toString(),
                "serai.admin.tls.key",
                keys.key().toString());
    }

    @Test
    void theCertificateThatTheSettingsNameIsTrustedByWhateverName() throws Exception {
        assertThat(client(pem(node)).get("/api/status").node().path("ok").asBoolean())
                .isTrue();
    }

    @Test
    void theOneOfAPkcs12FileIsTrustedToo() throws Exception {
        AdminClient client = client(Map.of(
                "serai.admin.tls.keyStore",
                node.store().toString(),
                "serai.admin.tls.keyStorePassword",
                TestKeys.PASSWORD));

        assertThat(client.get("/api/status").node().path("ok").asBoolean()).isTrue();
    }

    @Test
    void noOtherCertificateIsTrusted() throws Exception {
        AdminClient client = client(pem(other));

        assertThatThrownBy(() -> client.get("/api/status"))
                .isInstanceOf(CliException.class)
                .hasMessageStartingWith("TLS with https://127.0.0.1:")
                .hasMessageContaining("serai.admin.tls");
    }
}
