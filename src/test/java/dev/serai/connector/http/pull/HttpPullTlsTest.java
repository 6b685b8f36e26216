package dev.serai.connector.http.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.serai.support.CapturedLog;
import dev.serai.support.KameletRunner;
import dev.serai.support.TestKeys;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pull from a server with a certificate of its own that requires one of the client. */
class HttpPullTlsTest {
    private static final String ROUTE = """
            - route:
                id: rows-in
                from:
                  uri: kamelet:http-pull-source
                  parameters:
                    interval: 1h
                    records: .items
                    url: "https://localhost:{{port}}/rows"
            %s
                  steps:
                    - to:
                        uri: ledger:rows
                        parameters: { batch: true, key: "${jq(.id)}" }
            """;

    @TempDir
    private Path folder;

    private TestKeys server;
    private TestKeys client;
    private HttpsServer source;
    private KameletRunner runner;

    @BeforeEach
    void prepare() throws Exception {
        server = TestKeys.create(folder, "server");
        client = TestKeys.create(folder, "client");
        SSLContext tls = client.trusting(server);
        source = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        source.setHttpsConfigurator(new HttpsConfigurator(tls) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters wanted = tls.getDefaultSSLParameters();
                wanted.setNeedClientAuth(true);
                parameters.setSSLParameters(wanted);
            }
        });
        source.createContext("/", exchange -> {
            byte[] body = "{\"items\":[{\"id\":\"a\"}]}".getBytes(UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        source.start();
        runner = new KameletRunner(folder);
    }

    @AfterEach
    void stop() {
        runner.close();
        source.stop(0);
    }

    private void start(String parameters) throws Exception {
        runner.with(
                        ROUTE.formatted(parameters.indent(8).stripTrailing()),
                        Map.of("port", String.valueOf(source.getAddress().getPort())))
                .start();
    }

    @Test
    void itsOwnAuthorityIsTrustedAndTheClientCertificateSent() throws Exception {
        start("trustedCertificates: " + server.certificate() + "\nkeyStore: " + client.store() + "\nkeyPassword: "
                + TestKeys.PASSWORD);

        await().until(() -> runner.accepted("rows").size() == 1);
    }

    @Test
    void aServerThatIsNotTrustedIsNotRead() throws Exception {
        try (CapturedLog log = new CapturedLog(HttpPullSource.class)) {
            start("keyStore: " + client.store() + "\nkeyPassword: " + TestKeys.PASSWORD);
            await().until(() -> log.lines().stream().anyMatch(line -> line.contains("unable to find valid")));
        }
        assertThat(runner.accepted("rows")).isEmpty();
    }

    @Test
    void aFileThatCannotBeReadIsNamedAtTheStart() {
        assertThatThrownBy(() -> start("trustedCertificates: " + folder.resolve("none.pem")))
                .hasStackTraceContaining("does not exist or cannot be read");
    }
}
