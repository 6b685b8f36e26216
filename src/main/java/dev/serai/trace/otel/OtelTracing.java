package dev.serai.trace.otel;

import dev.serai.trace.SpanRole;
import dev.serai.trace.TraceContext;
import dev.serai.trace.TraceSpan;
import dev.serai.trace.Tracing;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigProperties;
import io.opentelemetry.sdk.resources.Resource;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Makes spans with OpenTelemetry's SDK, which is set by the standard properties {@code otel.*} and variables {@code OTEL_*}.
 *
 * <p>Spans that have ended wait in a bounded queue for a thread of the SDK; what finds it full is lost.
 *
 * <p>Threads: safe.
 */
public final class OtelTracing implements Tracing {
    /** The exporter has no other protocol without gRPC's libraries, and only spans are made. */
    private static final Map<String, String> DEFAULTS = Map.of(
            "otel.exporter.otlp.protocol", "http/protobuf",
            "otel.bsp.max.queue.size", "8192");

    private static final Map<String, String> FIXED =
            Map.of("otel.metrics.exporter", "none", "otel.logs.exporter", "none");
    private static final AttributeKey<String> SERVICE = AttributeKey.stringKey("service.name");
    private static final W3CTraceContextPropagator W3C = W3CTraceContextPropagator.getInstance();
    private static final TextMapGetter<TraceContext> CONTEXT = new ContextGetter();

    private final OpenTelemetrySdk sdk;
    private final UnaryOperator<String> mask;
    private final Tracer tracer;

    OtelTracing(OpenTelemetrySdk sdk, UnaryOperator<String> mask) {
        this.sdk = sdk;
        this.mask = mask;
        this.tracer = sdk.getTracer("dev.serai");
    }

    /**
     * Opens the exporter that the settings name; it connects with the first spans.
     *
     * @param settings properties {@code otel.*}, which beat the variables {@code OTEL_*} of the environment
     * @param mask hides fields of bodies in the text of an error
     * @throws IllegalArgumentException if they are not valid
     */
    public static OtelTracing open(Map<String, String> settings, UnaryOperator<String> mask) {
        Map<String, String> given = new HashMap<>(settings);
        given.putAll(FIXED);
        try {
            OpenTelemetrySdk sdk = AutoConfiguredOpenTelemetrySdk.builder()
                    .disableShutdownHook() // the node closes it, after its last delivery
                    .addPropertiesSupplier(() -> DEFAULTS)
                    .addPropertiesCustomizer(config -> given)
                    .addResourceCustomizer(OtelTracing::named)
                    .addSpanExporterCustomizer(ReportingExporter::new)
                    .build()
                    .getOpenTelemetrySdk();
            return new OtelTracing(sdk, mask);
        } catch (RuntimeException e) {
            String unexpected = e.getCause() == null ? "" : ": " + e.getCause().getMessage();
            throw new IllegalArgumentException(e.getMessage() + unexpected, e);
        }
    }

    /** The service has a name if nobody gives it one. */
    private static Resource named(Resource found, ConfigProperties config) {
        String name = found.getAttribute(SERVICE);
        return name == null || name.startsWith("unknown_service")
                ? found.merge(Resource.create(Attributes.of(SERVICE, "serai")))
                : found;
    }

    @Override
    public TraceSpan begin(String name, SpanRole role, @Nullable TraceContext parent) {
        SpanBuilder span = tracer.spanBuilder(name)
                .setSpanKind(
                        switch (role) {
                            case SERVER -> SpanKind.SERVER;
                            case INTERNAL -> SpanKind.INTERNAL;
                            case CLIENT -> SpanKind.CLIENT;
                        });
        // Not the thread's context, in which a library may have put a span of its own.
        span.setParent(parent == null ? Context.root() : W3C.extract(Context.root(), parent, CONTEXT));
        return new OtelSpan(span.startSpan(), mask);
    }

    @Override
    public void close(Duration max) {
        sdk.shutdown().join(max.toMillis(), TimeUnit.MILLISECONDS);
    }

    private record OtelSpan(Span span, UnaryOperator<String> mask) implements TraceSpan {
        @Override
        public TraceContext context() {
            Map<String, String> headers = new HashMap<>(4);
            W3C.inject(Context.root().with(span), headers, (to, name, value) -> Objects.requireNonNull(to)
                    .put(name, value));
            return new TraceContext(
                    Objects.requireNonNull(headers.get(TraceContext.PARENT)), headers.get(TraceContext.STATE));
        }

        @Override
        public TraceSpan set(String attribute, String value) {
            span.setAttribute(attribute, value);
            return this;
        }

        @Override
        public TraceSpan set(String attribute, long value) {
            span.setAttribute(attribute, value);
            return this;
        }

        @Override
        public void end(@Nullable String error) {
            if (error != null) {
                span.setStatus(StatusCode.ERROR, mask.apply(error));
            }
            span.end();
        }
    }

    private static final class ContextGetter implements TextMapGetter<TraceContext> {
        @Override
        public Iterable<String> keys(TraceContext carrier) {
            return List.of(TraceContext.PARENT, TraceContext.STATE);
        }

        @Override
        public @Nullable String get(@Nullable TraceContext carrier, String key) {
            if (carrier == null) {
                return null;
            }
            return key.equals(TraceContext.PARENT) ? carrier.parent() : carrier.state();
        }
    }
}
