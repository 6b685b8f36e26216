package dev.serai.connector.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.serai.camel.ledger.OutcomeReader;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.support.KameletRunner;
import dev.serai.support.TestKeys;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** http-sink with certificates, against a server that requires one. */
class HttpSinkTlsIT {
    private static final String ROUTE = """
            - route:
                from:
                  uri: direct:in
                  steps:
                    - to:
                        uri: kamelet:http-sink
                        parameters:
                          url: "{{url}}"
            """;
    private static final String OWN = "keyStore: \"{{client.keys}}\"\nkeyPassword: \"{{password}}\"\n";
    private static final String TRUSTED = "trustedCertificates: \"{{server.certificate}}\"\n";

    @TempDir
    private Path folder;

    private TestKeys server;
    private TestKeys client;
    private KameletRunner runner;
    private HttpsServer target;
    private final AtomicInteger arrived = new AtomicInteger();

    @BeforeEach
    void prepare() throws Exception {
        server = TestKeys.create(folder, "server");
        client = TestKeys.create(folder, "client");
        runner = new KameletRunner(folder);
        SSLContext tls = client.trusting(server);
        target = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        target.setHttpsConfigurator(new HttpsConfigurator(tls) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters wanted = tls.getDefaultSSLParameters();
                wanted.setNeedClientAuth(true);
                parameters.setSSLParameters(wanted);
            }
        });
        target.createContext("/", exchange -> {
            arrived.incrementAndGet();
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        target.start();
    }

    @AfterEach
    void stop() {
        runner.close();
        target.stop(0);
    }

    private void start(String host, String parameters) throws Exception {
        Map<String, String> properties = new HashMap<>();
        properties.put("url", "https://" + host + ":" + target.getAddress().getPort() + "/in");
        properties.put("password", TestKeys.PASSWORD);
        properties.put("client.keys", client.store().toString());
        properties.put("server.certificate", server.certificate().toString());
        runner.with(ROUTE + parameters.indent(14), properties).start();
    }

    private Outcome send(String host, String parameters) throws Exception {
        start(host, parameters);
        return new OutcomeReader(Clock.systemUTC()).of(runner.send("direct:in", "{}".getBytes(UTF_8), Map.of()));
    }

    private static void assertOutage(Outcome outcome, String... anyReason) {
        assertThat(outcome).isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
            assertThat(failed.outage()).isTrue();
            assertThat(failed.error()).containsAnyOf(anyReason);
        });
    }

    @Test
    void aTargetThatRequiresACertificateGetsIt() throws Exception {
        assertThat(send("localhost", OWN + TRUSTED)).isEqualTo(new Outcome.Delivered(204));
        assertThat(arrived).hasValue(1);
    }

    @Test
    void withoutACertificateTheSinkIsRefused() throws Exception {
        assertOutage(send("localhost", TRUSTED), "bad_certificate", "certificate_required", "closed the connection");
        assertThat(arrived).hasValue(0);
    }

    @Test
    void nothingIsSentToATargetWithAnUntrustedCertificate() throws Exception {
        assertOutage(send("localhost", OWN), "unable to find valid certification path");
        assertThat(arrived).hasValue(0);
    }

    @Test
    void nothingIsSentToATargetOfAnotherName() throws Exception {
        assertOutage(send("127.0.0.1", OWN + TRUSTED), "No subject alternative names");
        assertThat(arrived).hasValue(0);
    }

    @Test
    void aMissingFileIsNamedAtTheStart() {
        assertThatThrownBy(() -> start("localhost", "keyStore: \"" + folder.resolve("none.p12") + "\""))
                .hasStackTraceContaining("keyStore: the file " + folder.resolve("none.p12") + " does not exist");
    }

    @Test
    void aWrongPasswordIsReportedAtTheStart() {
        assertThatThrownBy(() -> start("localhost", "keyStore: \"{{client.keys}}\"\nkeyPassword: wrong"))
                .hasStackTraceContaining("cannot be opened with keyPassword as PKCS12 or JKS");
    }
}
