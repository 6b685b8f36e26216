package dev.serai.connector.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.camel.ledger.OutcomeReader;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.support.KameletRunner;
import dev.serai.support.TcpPeer;
import dev.serai.support.TestKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TcpTlsIT {
    private static final String SOURCE = """
            - route:
                from:
                  uri: kamelet:tcp-source
                  parameters:
                    port: 0
                    tls: true
                    keyStore: "{{server.keys}}"
                    keyPassword: "{{password}}"
            %s
                  steps:
                    - to: { uri: ledger:chat, parameters: { id: "${jq(.id)}", key: "${jq(.key)}" } }
            """;
    private static final String SINK = """
            - route:
                from:
                  uri: direct:in
                  steps:
                    - to:
                        uri: kamelet:tcp-sink
                        parameters:
                          host: "{{host}}"
                          port: "{{port}}"
                          tls: true
            """;
    private static final String CHANGE = "{\"id\":\"a\",\"key\":\"k\"}";

    @TempDir
    private Path folder;

    private TestKeys server;
    private TestKeys client;
    private KameletRunner runner;
    private KameletRunner sender;

    @BeforeEach
    void prepare() throws Exception {
        server = TestKeys.create(folder, "server");
        client = TestKeys.create(folder, "client");
        runner = new KameletRunner(folder);
        sender = new KameletRunner(folder);
    }

    @AfterEach
    void stop() {
        sender.close();
        runner.close();
    }

    private void source(String parameters) throws Exception {
        runner.with(
                        SOURCE.formatted(parameters.indent(8).stripTrailing()),
                        Map.of(
                                "server.keys", server.store().toString(),
                                "password", TestKeys.PASSWORD,
                                "client.certificate", client.certificate().toString()))
                .start();
    }

    private TcpPeer connect(SSLContext tls) throws IOException {
        return new TcpPeer(tls.getSocketFactory().createSocket("localhost", TcpPeer.port(runner.context)), "line");
    }

    private Outcome send(String host, String parameters) throws Exception {
        sender.with(
                        SINK + parameters.indent(14),
                        Map.of(
                                "host", host,
                                "port", String.valueOf(TcpPeer.port(runner.context)),
                                "password", TestKeys.PASSWORD,
                                "server.certificate", server.certificate().toString(),
                                "client.keys", client.store().toString()))
                .start();
        return new OutcomeReader(Clock.systemUTC())
                .of(sender.send("direct:in", CHANGE.getBytes(StandardCharsets.UTF_8), Map.of()));
    }

    private void assertAccepted(int changes) {
        assertThat(runner.accepted("chat")).hasSize(changes);
    }

    @Test
    void aSourceSpeaksTlsAndRefusesPlainText() throws Exception {
        source("");

        try (TcpPeer peer = connect(server.trusting(null))) {
            assertThat(peer.ask(CHANGE)).contains("\"id\":\"a\"");
        }
        try (TcpPeer plain = TcpPeer.connect(runner.context, "line")) {
            assertThat(plain.ask("{\"id\":\"b\",\"key\":\"k\"}")).isNull();
        }
        assertAccepted(1);
    }

    @Test
    void aSourceWithTrustedCertificatesRefusesPeersWithoutOne() throws Exception {
        source("trustedCertificates: \"{{client.certificate}}\"");

        assertThatThrownBy(() -> {
                    try (TcpPeer peer = connect(server.trusting(null))) {
                        assertThat(peer.ask(CHANGE)).isNotNull();
                    }
                })
                .isInstanceOf(IOException.class);
        assertAccepted(0);
        try (TcpPeer peer = connect(server.trusting(client))) {
            assertThat(peer.ask(CHANGE)).contains("\"id\":\"a\"");
        }
        assertAccepted(1);
    }

    @Test
    void aSinkPresentsItsCertificateToATrustedTarget() throws Exception {
        source("trustedCertificates: \"{{client.certificate}}\"");

        assertThat(send(
                        "localhost",
                        "trustedCertificates: \"{{server.certificate}}\"\nkeyStore: \"{{client.keys}}\"\n"
                                + "keyPassword: \"{{password}}\""))
                .isEqualTo(new Outcome.Delivered(null));
        assertAccepted(1);
    }

    @Test
    void aSinkSendsNothingToATargetOfAnotherName() throws Exception {
        source("");

        assertThat(send("127.0.0.1", "trustedCertificates: \"{{server.certificate}}\""))
                .isInstanceOfSatisfying(Outcome.Failed.class, failed -> assertThat(failed.outage())
                        .isTrue());
        assertAccepted(0);
    }

    @Test
    void aSinkSendsNothingToATargetWithAnUntrustedCertificate() throws Exception {
        source("");

        assertThat(send("localhost", "")).isInstanceOf(Outcome.Failed.class);
        assertAccepted(0);
    }
}
