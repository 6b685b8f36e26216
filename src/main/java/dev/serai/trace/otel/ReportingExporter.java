package dev.serai.trace.otel;

import io.opentelemetry.sdk.autoconfigure.spi.ConfigProperties;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.net.ConnectException;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the log when spans cannot be exported, and when they can again. The exporter's own lines are switched off, since
 * they have a stack trace and no advice.
 *
 * <p>Threads: safe.
 */
final class ReportingExporter implements SpanExporter {
    private static final Logger LOG = LoggerFactory.getLogger(ReportingExporter.class);

    private final SpanExporter exporter;
    private final String address;
    private final AtomicLong lost = new AtomicLong();

    ReportingExporter(SpanExporter exporter, ConfigProperties config) {
        this.exporter = exporter;
        String traces = config.getString("otel.exporter.otlp.traces.endpoint");
        String all = config.getString("otel.exporter.otlp.endpoint");
        this.address = traces != null ? traces : all != null ? all : "http://localhost:4318";
    }

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
        int count = spans.size(); // the collection is used again
        CompletableResultCode result = exporter.export(spans);
        result.whenComplete(() -> report(result, count));
        return result;
    }

    private void report(CompletableResultCode result, int count) {
        if (result.isSuccess()) {
            long before = lost.getAndSet(0);
            if (before > 0) {
                LOG.info("Traces reach {} again; {} spans were lost meanwhile", address, before);
            }
            return;
        }
        lost.addAndGet(count);
        LOG.warn(
                "Traces cannot be sent to {}: {}; {} spans are lost, nothing else is affected. Start the collector, or"
                        + " correct OTEL_EXPORTER_OTLP_ENDPOINT",
                address,
                reason(result.getFailureThrowable()),
                count);
    }

    private static String reason(@Nullable Throwable failure) {
        if (failure == null) {
            return "no answer in time";
        }
        String reason = failure.getClass().getSimpleName();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException) { // the JDK's has no text
                return "no connection";
            }
            reason = cause.getMessage() == null ? reason : cause.getMessage();
        }
        return reason;
    }

    @Override
    public CompletableResultCode flush() {
        return exporter.flush();
    }

    @Override
    public CompletableResultCode shutdown() {
        return exporter.shutdown();
    }
}
