package dev.serai.node;

import dev.serai.node.route.ConfigurationException;
import dev.serai.trace.Tracing;
import dev.serai.trace.otel.OtelTracing;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Switches traces on. All but that is set by OpenTelemetry's own names. */
final class TraceSettings {
    static final String TRACES = "serai.traces";
    private static final String STANDARD = "otel.";

    private TraceSettings() {}

    /** Null if traces are off; throws {@link ConfigurationException} if a setting is wrong. */
    static @Nullable Tracing open(Settings settings) {
        if (settings.oneOf(TRACES, "none", "otlp").equals("none")) {
            return null;
        }
        Map<String, String> standard = new HashMap<>();
        for (String name : settings.names()) {
            if (name.startsWith(STANDARD)) {
                standard.put(name, settings.get(name));
            }
        }
        try {
            return OtelTracing.open(standard, settings.mask()::text);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(
                    TRACES + " is otlp, but OpenTelemetry refuses its settings (OTEL_…, otel.…): " + e.getMessage(), e);
        }
    }

    /** Throws {@link ConfigurationException} if a setting is wrong. */
    static void check(Settings settings) {
        Tracing opened = open(settings);
        if (opened != null) {
            opened.close(Duration.ZERO);
        }
    }
}
