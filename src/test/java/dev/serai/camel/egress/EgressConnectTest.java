package dev.serai.camel.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.serai.connector.http.pull.HttpPullSource;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.node.route.RouteModel;
import dev.serai.node.route.WrittenServers;
import dev.serai.support.CapturedLog;
import dev.serai.support.KameletRunner;
import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Map;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No address that came from data gets a connection to an internal server, by whatever client. */
class EgressConnectTest {
    private static final String CALLS = """
            - route:
                from:
                  uri: direct:call
                  steps:
                    - toD: { uri: "${header.to}" }
            - route:
                from:
                  uri: direct:written
                  steps:
                    - toD: { uri: "{{remote}}/items/${header.id}" }
            - route:
                from:
                  uri: direct:redirected
                  steps:
                    - to: { uri: "{{remote}}/away", parameters: { followRedirects: true } }
            """;
    private static final String SINK = """
            - route:
                from:
                  uri: direct:in
                  steps:
                    - to: { uri: ledger:orders, parameters: { key: "${header.key}", id: "${header.key}" } }
            - route:
                from:
                  uri: ledger:orders
                  parameters: { target: shop }
                  steps:
                    - setHeader: { name: to, expression: { simple: { expression: "${bodyAs(String)}" } } }
                    - toD: { uri: "kamelet:http-sink?url=${header.to}" }
            """;

    @TempDir
    private Path data;

    private volatile String next = "";
    private final RemoteSide other = new RemoteSide(asked -> Answer.status(200));
    private final RemoteSide remote = new RemoteSide(asked -> asked.path().equals("/away")
            ? new Answer(302, Map.of("Location", otherUrl() + "/x"), "")
            : Answer.json("{\"items\":[{\"id\":\"a\"}],\"next\":\"" + next + "\"}"));
    private KameletRunner runner;

    private String otherUrl() {
        return other.url("");
    }

    @AfterEach
    void stop() {
        if (runner != null) {
            runner.close();
        }
        remote.close();
        other.close();
    }

    private void start(String allow, String routes, Map<String, String> properties) throws Exception {
        runner = new KameletRunner(data);
        Egress egress = new Egress(allow);
        runner.context.getRegistry().bind(Egress.NAME, egress);
        RouteModel.model(runner.context).addModelLifecycleStrategy(new WrittenServers(runner.context, egress));
        egress.loading(true);
        runner.with(routes, properties).start();
        egress.loading(false);
    }

    private void startCalls(String allow) throws Exception {
        start(allow, CALLS, Map.of("remote", remote.url("")));
    }

    @Test
    void aStepWhoseAddressAMessageMakesIsRefused() throws Exception {
        startCalls("");

        Exchange called = runner.send("direct:call", "", Map.of("to", otherUrl() + "/x"));

        assertThat(called.getException())
                .isInstanceOf(EgressException.class)
                .hasMessageContaining("a loopback address");
        assertThat(other.asked).isEmpty();
    }

    @Test
    void soIsOneWithAnAddressInAHeader() throws Exception {
        startCalls("");

        Exchange called = runner.send(
                "direct:redirected", "", Map.of(Exchange.HTTP_URI, otherUrl() + "/x", Exchange.HTTP_METHOD, "GET"));

        assertThat(called.getException()).isInstanceOf(EgressException.class);
        assertThat(other.asked).isEmpty();
    }

    @Test
    void soIsARedirect() throws Exception {
        startCalls("");

        Exchange called = runner.send("direct:redirected", null, Map.of());

        assertThat(called.getException()).isInstanceOf(EgressException.class);
        assertThat(other.asked).isEmpty();
    }

    @Test
    void anAddressThatIsNamedIsNot() throws Exception {
        startCalls(otherUrl().replace("http://", ""));

        runner.sendOk("direct:call", "", Map.of("to", otherUrl() + "/x"));
        runner.sendOk("direct:redirected", null, Map.of());

        assertThat(other.asked).hasSize(2);
    }

    @Test
    void aServerThatIsWrittenInAStepIsNotEither() throws Exception {
        startCalls("");

        runner.sendOk("direct:written", "", Map.of("id", "7"));

        assertThat(remote.asked.get(0).path()).isEqualTo("/items/7");
    }

    @Test
    void aSinkWhoseAddressAMessageMakesGivesADeadLetterAndNoOutage() throws Exception {
        start("", SINK, Map.of());

        runner.sendOk("direct:in", otherUrl() + "/x", Map.of("key", "a"));

        await().untilAsserted(() -> assertThat(runner.ledger().dead(DeliveryFilter.ALL, 0, 10))
                .singleElement()
                .satisfies(letter -> assertThat(letter.error()).contains("a loopback address", "serai.egress.allow")));
        assertThat(other.asked).isEmpty();
    }

    @Test
    void aSinkWhoseAddressIsNamedIsNotRefused() throws Exception {
        start("127.0.0.0/8", SINK, Map.of());

        runner.sendOk("direct:in", otherUrl() + "/x", Map.of("key", "a"));

        await().until(() -> !other.asked.isEmpty());
    }

    @Test
    void aNextPageOnAHostWhoseNameLeadsToAnInternalAddressEndsTheRun() throws Exception {
        String name = InetAddress.getLocalHost().getHostName();
        assumeTrue(InternalAddress.kind(InetAddress.getByName(name)) != null);
        String server = name + ":" + otherUrl().replaceFirst(".*:", "");
        next = "http://" + server + "/x";
        try (CapturedLog log = new CapturedLog(HttpPullSource.class)) {
            start("", """
                    - route:
                        from:
                          uri: kamelet:http-pull-source
                          parameters:
                            interval: 1h
                            url: "{{remote}}/rows"
                            records: .items
                            next: .next
                            allowHosts: "%s"
                          steps:
                            - to: { uri: ledger:rows, parameters: { batch: true, key: "${jq(.id)}" } }
                    """.formatted(server), Map.of("remote", remote.url("")));

            await().untilAsserted(() -> assertThat(log.lines())
                    .anySatisfy(line -> assertThat(line).contains("not connected to " + server, "serai.egress.allow")));
        }
        assertThat(other.asked).isEmpty();
    }
}
