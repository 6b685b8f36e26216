package dev.serai.trace.otel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.model.Entry;
import dev.serai.support.KameletRunner;
import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import dev.serai.support.RemoteSide.Asked;
import dev.serai.text.BodyMask;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The trace of a change, from its sender to its target. */
class TraceTest {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String SENDER = "b7ad6b7169203331";
    private static final String PARENT = "00-" + TRACE + "-" + SENDER + "-01";
    private static final byte[] ORDER = "{\"id\":\"e1\",\"key\":\"A-1\",\"secret\":\"tomato\"}".getBytes(UTF_8);

    private static final String IN = """
            - route:
                id: orders-in
                from:
                  uri: kamelet:webhook-source
                  parameters: { path: /hooks/orders }
                  steps:
                    - to: { uri: "ledger:orders", parameters: { id: "${jq(.id)}", key: "${jq(.key)}" } }
            """;
    private static final String OUT = """
            - route:
                id: orders-out
                from:
                  uri: ledger:orders
                  parameters: { target: shop, startFrom: earliest, redeliveryDelay: 10ms }
                  steps:
                    - to: { uri: "kamelet:http-sink", parameters: { url: "{{remote}}" } }
            """;

    @TempDir
    private Path data;

    private final List<SpanData> spans = new CopyOnWriteArrayList<>();

    @AutoClose
    private final KameletRunner runner = KameletRunner.listening(() -> data);

    private volatile int failures;

    @AutoClose
    private final RemoteSide remote = new RemoteSide(
            asked -> failures-- > 0 ? new Answer(500, Map.of(), "{\"card\":\"4111\"}") : Answer.json("{}"));

    private void traced(KameletRunner node) {
        SpanExporter exporter = new SpanExporter() {
            @Override
            public CompletableResultCode export(Collection<SpanData> ended) {
                spans.addAll(ended);
                return CompletableResultCode.ofSuccess();
            }

            @Override
            public CompletableResultCode flush() {
                return CompletableResultCode.ofSuccess();
            }

            @Override
            public CompletableResultCode shutdown() {
                return CompletableResultCode.ofSuccess();
            }
        };
        SdkTracerProvider provider = SdkTracerProvider.builder()
                .addSpanProcessor(SimpleSpanProcessor.create(exporter))
                .build();
        node.context
                .getRegistry()
                .bind(
                        "tracing",
                        new OtelTracing(
                                OpenTelemetrySdk.builder()
                                        .setTracerProvider(provider)
                                        .build(),
                                BodyMask.of("$.card")::text));
    }

    private KameletRunner with(KameletRunner node, String routes) throws Exception {
        return node.with(routes, Map.of("remote", remote.url("/in"))).start();
    }

    private void post(Map<String, String> headers) throws Exception {
        assertThat(runner.post("/hooks/orders", ORDER, headers).statusCode()).isEqualTo(202);
    }

    private List<SpanData> named(String name) {
        return spans.stream().filter(span -> span.getName().equals(name)).toList();
    }

    private SpanData only(String name) {
        Awaitility.await().until(() -> named(name).size() == 1);
        return named(name).get(0);
    }

    private Asked onlyAsked() {
        Awaitility.await().until(() -> remote.asked.size() == 1);
        return remote.asked.get(0);
    }

    @Test
    void aPushReachesItsTargetInTheTraceOfItsSender() throws Exception {
        traced(runner);
        with(runner, IN + OUT);
        post(Map.of("traceparent", PARENT, "tracestate", "shop=1"));

        SpanData request = only("POST /hooks/orders");
        SpanData accept = only("ledger accept orders");
        SpanData delivery = only("deliver orders/shop");
        assertThat(List.of(request, accept, delivery))
                .extracting(SpanData::getTraceId)
                .containsOnly(TRACE);
        assertThat(request.getParentSpanId()).isEqualTo(SENDER);
        assertThat(request.getKind()).isEqualTo(SpanKind.SERVER);
        assertThat(request.getAttributes().get(AttributeKey.longKey("http.response.status_code")))
                .isEqualTo(202);
        assertThat(accept.getParentSpanId()).isEqualTo(request.getSpanId());
        assertThat(delivery.getParentSpanId()).isEqualTo(accept.getSpanId());
        assertThat(delivery.getKind()).isEqualTo(SpanKind.CLIENT);
        assertThat(delivery.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
        assertThat(delivery.getAttributes().asMap())
                .containsEntry(AttributeKey.stringKey("serai.flow"), "orders")
                .containsEntry(AttributeKey.stringKey("serai.target"), "shop")
                .containsEntry(AttributeKey.longKey("serai.sequence"), 1L)
                .containsEntry(AttributeKey.longKey("serai.attempt"), 1L)
                .containsEntry(AttributeKey.stringKey("serai.outcome"), "delivered")
                .containsEntry(AttributeKey.longKey("http.response.status_code"), 200L);
        assertThat(onlyAsked().headers())
                .containsEntry("traceparent", "00-" + TRACE + "-" + delivery.getSpanId() + "-01")
                .containsEntry("tracestate", "shop=1");
        assertThat(spans.toString()).doesNotContain("tomato");
    }

    @Test
    void eachAttemptIsASpanAndAFailedOneHasItsReasonWithoutMaskedFields() throws Exception {
        failures = 2;
        traced(runner);
        with(runner, IN + OUT);
        post(Map.of());

        Awaitility.await().until(() -> named("deliver orders/shop").size() == 3);
        SpanData accept = only("ledger accept orders");
        List<SpanData> attempts = named("deliver orders/shop");
        assertThat(attempts).extracting(SpanData::getParentSpanId).containsOnly(accept.getSpanId());
        assertThat(attempts)
                .extracting(span -> span.getAttributes().get(AttributeKey.longKey("serai.attempt")))
                .containsExactly(1L, 2L, 3L);
        assertThat(attempts)
                .extracting(span -> span.getStatus().getStatusCode())
                .containsExactly(StatusCode.ERROR, StatusCode.ERROR, StatusCode.UNSET);
        assertThat(attempts.get(0).getStatus().getDescription())
                .contains("500", "***")
                .doesNotContain("4111");
        assertThat(remote.asked)
                .extracting(asked -> asked.headers().get("traceparent").substring(0, 53))
                .containsExactlyElementsOf(attempts.stream()
                        .map(span -> "00-" + span.getTraceId() + "-" + span.getSpanId() + "-")
                        .toList());
    }

    @Test
    void aTraceContinuesAfterARestart() throws Exception {
        traced(runner);
        with(runner, IN);
        post(Map.of("traceparent", PARENT));
        SpanData accept = only("ledger accept orders");
        runner.close();

        try (KameletRunner restarted = new KameletRunner(data)) {
            traced(restarted);
            with(restarted, OUT);
            SpanData delivery = only("deliver orders/shop");
            assertThat(delivery.getTraceId()).isEqualTo(TRACE);
            assertThat(delivery.getParentSpanId()).isEqualTo(accept.getSpanId());
        }
    }

    @Test
    void aRouteThatRemovesAllHeadersKeepsTheTrace() throws Exception {
        traced(runner);
        with(runner, IN.replace("- to:", "- removeHeaders: { pattern: \"*\" }\n        - to:") + OUT);
        post(Map.of("traceparent", PARENT));

        assertThat(only("deliver orders/shop").getTraceId()).isEqualTo(TRACE);
    }

    @Test
    void aTraceThatTheSenderDoesNotSampleIsNotExportedButGoesOn() throws Exception {
        traced(runner);
        with(runner, IN + OUT);
        post(Map.of("traceparent", "00-" + TRACE + "-" + SENDER + "-00"));

        assertThat(onlyAsked().headers().get("traceparent"))
                .startsWith("00-" + TRACE + "-")
                .endsWith("-00");
        assertThat(spans).isEmpty();
    }

    @Test
    void itemsOfAListHaveTracesOfTheirOwnUnlessARequestBroughtThem() throws Exception {
        traced(runner);
        with(runner, """
                - route:
                    from:
                      uri: direct:in
                      steps:
                        - to: { uri: "ledger:orders", parameters: { key: "${jq(.key)}", batch: true } }
                """);
        runner.sendOk("direct:in", "[{\"key\":\"1\"},{\"key\":\"2\"}]", Map.of());
        runner.sendOk("direct:in", "[{\"key\":\"1\"},{\"key\":\"2\"}]", Map.of("traceparent", PARENT));

        Awaitility.await().until(() -> named("ledger accept orders").size() == 4);
        List<String> traces =
                named("ledger accept orders").stream().map(SpanData::getTraceId).toList();
        assertThat(traces.subList(0, 2)).doesNotHaveDuplicates().doesNotContain(TRACE);
        assertThat(traces.subList(2, 4)).containsOnly(TRACE);
    }

    @Test
    void aBatchIsSentInTheTraceOfItsFirstChange() throws Exception {
        traced(runner);
        with(runner, IN);
        for (String key : List.of("A", "B")) {
            String order = "{\"id\":\"" + key + "\",\"key\":\"" + key + "\"}";
            runner.post("/hooks/orders", order.getBytes(UTF_8), Map.of());
        }
        with(runner, OUT.replace("target: shop", "target: shop, batchSize: 2"));

        Awaitility.await().until(() -> named("deliver orders/shop").size() == 2);
        List<SpanData> deliveries = named("deliver orders/shop");
        assertThat(deliveries).extracting(SpanData::getTraceId).doesNotHaveDuplicates();
        assertThat(onlyAsked().headers().get("traceparent"))
                .contains(deliveries.get(0).getSpanId());
    }

    @Test
    void withoutTracesTheContextOfTheSenderIsPassedOnAsItCame() throws Exception {
        with(runner, IN + OUT);
        post(Map.of("TraceParent", PARENT, "TraceState", "shop=1%2"));

        assertThat(onlyAsked().headers()).containsEntry("traceparent", PARENT).containsEntry("tracestate", "shop=1%2");
        Entry stored = runner.onlyAccepted("orders");
        assertThat(stored.change().headers().keySet())
                .anyMatch("traceparent"::equalsIgnoreCase)
                .anyMatch("tracestate"::equalsIgnoreCase);
    }

    @Test
    void withoutTracesNoneIsMade() throws Exception {
        with(runner, IN + OUT);
        post(Map.of());

        assertThat(onlyAsked().headers()).doesNotContainKeys("traceparent", "tracestate");
    }
}
