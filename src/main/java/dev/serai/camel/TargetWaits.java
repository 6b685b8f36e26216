package dev.serai.camel;

import dev.serai.ledger.model.TargetName;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/**
 * Why changes wait at the ends of targets' routes, as far as the components there know it.
 *
 * <p>Threads: safe.
 */
public final class TargetWaits {
    private final Map<TargetName, Supplier<@Nullable String>> reasons = new ConcurrentHashMap<>();

    private TargetWaits() {}

    /** Those of the context. */
    public static TargetWaits of(CamelContext context) {
        synchronized (context) {
            TargetWaits known = context.getCamelContextExtension().getContextPlugin(TargetWaits.class);
            if (known == null) {
                known = new TargetWaits();
                context.getCamelContextExtension().addContextPlugin(TargetWaits.class, known);
            }
            return known;
        }
    }

    /** @param reason asked for each report: why what waits for the target is not taken, in a few words, or null */
    public void add(TargetName target, Supplier<@Nullable String> reason) {
        reasons.put(target, reason);
    }

    public void remove(Supplier<@Nullable String> reason) {
        reasons.values().remove(reason);
    }

    /** What is known, by the names of the targets as in {@code orders/mobile}. */
    public Map<String, String> all() {
        Map<String, String> all = new TreeMap<>();
        reasons.forEach((target, asked) -> {
            String reason = asked.get();
            if (reason != null) {
                all.put(target.toString(), reason);
            }
        });
        return all;
    }

    /** Null if nothing is known. */
    public @Nullable String of(TargetName target) {
        Supplier<@Nullable String> reason = reasons.get(target);
        return reason == null ? null : reason.get();
    }
}
