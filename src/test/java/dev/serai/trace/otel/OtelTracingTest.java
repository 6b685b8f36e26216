package dev.serai.trace.otel;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.support.CapturedLog;
import dev.serai.support.Patience;
import dev.serai.support.RefusingPort;
import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import dev.serai.support.RemoteSide.Asked;
import dev.serai.trace.SpanRole;
import dev.serai.trace.TraceSpan;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What the collector of traces gets, and that it holds up nothing. */
class OtelTracingTest {
    private static OtelTracing open(String endpoint, Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(Map.of(
                "otel.exporter.otlp.endpoint", endpoint,
                "otel.java.exporter.otlp.retry.disabled", "true",
                "otel.bsp.schedule.delay", "50"));
        settings.putAll(more);
        return OtelTracing.open(settings, text -> text);
    }

    @Test
    void aCollectorGetsTheSpansOverOtlpAtTheLatestWhenTheNodeStops() {
        try (RemoteSide collector = new RemoteSide(asked -> new Answer(200, Map.of(), ""))) {
            OtelTracing tracing = open(collector.url(""), Map.of("otel.bsp.schedule.delay", "600000"));
            TraceSpan span = tracing.begin("deliver orders/shop", SpanRole.CLIENT, null);
            span.set("serai.sequence", 17).end("HTTP 500");
            tracing.close(Patience.MAX);

            assertThat(collector.asked).hasSize(1);
            Asked export = collector.asked.get(0);
            assertThat(export.path()).isEqualTo("/v1/traces");
            assertThat(export.headers()).containsEntry("content-type", "application/x-protobuf");
            byte[] traceId = HexFormat.of().parseHex(span.context().traceId());
            assertThat(new String(export.body(), ISO_8859_1))
                    .contains(new String(traceId, ISO_8859_1))
                    .contains("deliver orders/shop", "serai.sequence", "HTTP 500", "service.name", "serai");
        }
    }

    @Test
    void aCollectorThatIsDownIsNamedWithWhatToDo() throws Exception {
        try (RefusingPort nobody = new RefusingPort();
                CapturedLog log = new CapturedLog(ReportingExporter.class)) {
            String address = "http://127.0.0.1:" + nobody.number();
            OtelTracing tracing = open(address, Map.of());
            tracing.begin("a", SpanRole.INTERNAL, null).end(null);

            tracing.close(Patience.MAX);
            assertThat(log.lines())
                    .filteredOn(line -> line.contains(address))
                    .containsExactly("WARN Traces cannot be sent to " + address
                            + ": no connection; 1 spans are lost, nothing else is affected. Start the collector, or correct"
                            + " OTEL_EXPORTER_OTLP_ENDPOINT");
        }
    }

    @Test
    void aCollectorThatHangsHoldsUpNeitherSpansNorTheEnd() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        try (RemoteSide collector = new RemoteSide(asked -> hang(end))) {
            OtelTracing tracing = open(collector.url(""), Map.of("otel.bsp.max.queue.size", "16"));
            for (int i = 0; i < 10_000; i++) {
                tracing.begin("a", SpanRole.INTERNAL, null).end(null);
            }
            Awaitility.await().until(() -> !collector.asked.isEmpty());
            for (int i = 0; i < 10_000; i++) {
                tracing.begin("a", SpanRole.INTERNAL, null).end(null);
            }
            tracing.close(Duration.ofMillis(100));
            assertThat(collector.asked).hasSize(1);
        } finally {
            end.countDown();
        }
    }

    private static Answer hang(CountDownLatch end) {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Answer.status(503);
    }

    @Test
    void settingsThatTheSdkDoesNotTakeAreRefusedWithItsReason() {
        assertThatThrownBy(() -> open("http://127.0.0.1:1", Map.of("otel.exporter.otlp.protocol", "grpc")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("GrpcSender");
        assertThatThrownBy(() -> open("http://127.0.0.1:1", Map.of("otel.traces.sampler", "some")))
                .hasMessageContaining("otel.traces.sampler");
        assertThatThrownBy(() -> open("127.0.0.1:4318", Map.of())).hasMessageContaining("valid URL");
    }
}
