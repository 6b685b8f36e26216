package dev.serai.node.silence;

import dev.serai.camel.SourceReport;
import dev.serai.camel.SourceSum;
import dev.serai.ledger.cluster.NodeTalk;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What all nodes that share the ledger say of their sources, now and at the look before, and whether that is all there is to know.
 *
 * <p>Threads: one thread at a time.
 */
final class HeardSources {
    private static final String SELF = "";

    private final NodeTalk talk;
    /** By node, and by the key of the source. */
    private Map<String, Map<String, SourceReport>> before = Map.of();

    private Map<String, Map<String, SourceReport>> now = Map.of();
    private Map<String, List<SourceReport>> said = Map.of();
    private boolean isKnown;
    private boolean wasKnown;

    HeardSources(NodeTalk talk) {
        this.talk = talk;
    }

    /** Looks at what is said now. @param own what this node reports */
    void look(List<SourceReport> own) {
        wasKnown = isKnown;
        isKnown = talk.hearsAll();
        before = now;
        now = new TreeMap<>();
        now.put(SELF, byKey(own));
        said = new TreeMap<>();
        talk.news().forEach((node, news) -> {
            Optional<List<SourceReport>> reports =
                    SourceSum.read(news.sources()); // one that starts or stops says nothing
            isKnown &= reports.isPresent() && reports.get().stream().allMatch(report -> report.arrivals() != null);
            said.put(node, reports.orElse(List.of()));
            now.put(node, byKey(reports.orElse(List.of())));
        });
        isKnown &= now.keySet().containsAll(before.keySet()); // what came last to one that is gone was not said
    }

    private static Map<String, SourceReport> byKey(List<SourceReport> reports) {
        Map<String, SourceReport> byKey = new HashMap<>();
        reports.forEach(report -> byKey.putIfAbsent(report.key(), report));
        return byKey;
    }

    /** The reports of all nodes, as one for each source. @param own those of this node */
    List<SourceReport> sum(List<SourceReport> own) {
        return SourceSum.ofReports(own, said);
    }

    /** Whether each node said what came to it since the look before. */
    boolean isKnown() {
        return isKnown;
    }

    /** Whether something came to another node since the look before. */
    boolean cameElsewhere(String source) {
        return now.entrySet().stream()
                .filter(node -> !node.getKey().equals(SELF))
                .anyMatch(node -> {
                    long came = arrivals(node.getValue().get(source));
                    Map<String, SourceReport> last = before.get(node.getKey());
                    // The first time that all is known this node has begun, and then the other one.
                    boolean isNew = last == null && !wasKnown;
                    return !isNew && came > 0 && came != (last == null ? 0 : arrivals(last.get(source)));
                });
    }

    private static long arrivals(@Nullable SourceReport report) {
        Long arrivals = report == null ? null : report.arrivals();
        return arrivals == null ? 0 : arrivals;
    }

    /** Since when another node knows that it is silent; empty if none does. */
    Optional<Instant> silentSince(String source) {
        return now.entrySet().stream()
                .filter(node -> !node.getKey().equals(SELF))
                .flatMap(node -> Stream.ofNullable(node.getValue().get(source)))
                .flatMap(report -> Stream.ofNullable(report.silentSince()))
                .min(Instant::compareTo);
    }

    /**
     * How many changes a source brought first since the look before, at all nodes.
     *
     * @param withFirstRun whether those of a first run count, which reads what was there before
     */
    long accepted(String source, boolean withFirstRun) {
        long sum = 0;
        for (Map.Entry<String, Map<String, SourceReport>> node : now.entrySet()) {
            SourceReport report = node.getValue().get(source);
            SourceReport last = before.getOrDefault(node.getKey(), Map.of()).get(source);
            if (report != null && last != null && (withFirstRun || last.lastGoodAt() != null)) {
                // The counts of a route that was loaded again begin at 0.
                sum += Math.max(0, report.accepted() - last.accepted());
            }
        }
        return sum;
    }
}
