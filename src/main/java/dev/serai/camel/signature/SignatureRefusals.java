package dev.serai.camel.signature;

import dev.serai.signature.Verdict.RefusalReason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/** Counts refused requests as {@code serai_signature_refused_total{scheme,reason}}. Threads: safe. */
record SignatureRefusals(@Nullable MeterRegistry registry) {

    /** In the context's registry of meters; without one nothing is counted. */
    static SignatureRefusals of(CamelContext context) {
        return new SignatureRefusals(context.getRegistry().findSingleByType(MeterRegistry.class));
    }

    void count(String scheme, RefusalReason reason) {
        if (registry != null) {
            Counter.builder("serai.signature.refused")
                    .description("Requests refused for their signature")
                    .tags("scheme", scheme, "reason", reason.toString())
                    .register(registry)
                    .increment();
        }
    }
}
