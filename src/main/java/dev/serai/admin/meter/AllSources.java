package dev.serai.admin.meter;

import dev.serai.camel.SourceRegistry;
import dev.serai.camel.SourceReport;
import dev.serai.camel.SourceSum;
import dev.serai.ledger.Ledger;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.camel.CamelContext;

/**
 * The sources of all nodes that share the ledger.
 *
 * <p>Threads: safe.
 */
public final class AllSources {
    private final SourceRegistry sources;
    private final Ledger ledger;

    public AllSources(CamelContext camel, Ledger ledger) {
        this.sources = SourceRegistry.of(camel);
        this.ledger = ledger;
    }

    /** One for each name, the worst first, see {@link SourceSum}. */
    public List<SourceReport> reports() {
        Map<String, String> others = new TreeMap<>();
        ledger.talk().news().forEach((node, news) -> others.put(node, news.sources()));
        return SourceSum.of(ofNode(), others);
    }

    /** Those of this node alone. */
    public List<SourceReport> ofNode() {
        return sources.reports();
    }
}
