package dev.serai.camel;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.serai.task.FailureLog;
import dev.serai.text.IsoTimes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The reports of all nodes that share a ledger about their sources, as one for each source: counts are added, the newest times are
 * taken, and the state is the worst that a node reports. A node at which no run of a source has ended yet says nothing of its state
 * while others do: one node at a time runs a pull.
 */
public final class SourceSum {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .addModule(new IsoTimes())
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private static final FailureLog READS = new FailureLog("Reading what another node says of its sources");

    private SourceSum() {}

    /** What a node sends to the others. */
    public static String json(List<SourceReport> own) {
        try {
            return MAPPER.writeValueAsString(own);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Adds up the reports of all nodes, the worst first.
     *
     * @param others what other nodes sent, by their names; empty of one that says nothing yet
     */
    public static List<SourceReport> of(List<SourceReport> own, Map<String, String> others) {
        Map<String, List<SourceReport>> said = new TreeMap<>();
        others.forEach((node, json) -> said.put(node, read(json).orElse(List.of())));
        return ofReports(own, said);
    }

    /** The same of reports that are read already. */
    public static List<SourceReport> ofReports(List<SourceReport> own, Map<String, List<SourceReport>> others) {
        if (others.isEmpty()) {
            return own;
        }
        Map<String, List<SourceReport>> byName = new TreeMap<>();
        own.forEach(one -> add(byName, one));
        others.forEach((node, reports) -> reports.forEach(one -> add(byName, of(node, one))));
        return byName.values().stream()
                .map(SourceSum::sum)
                .sorted(Comparator.comparing(SourceReport::state).thenComparing(SourceReport::name))
                .toList();
    }

    private static void add(Map<String, List<SourceReport>> byName, SourceReport one) {
        byName.computeIfAbsent(one.key(), none -> new ArrayList<>()).add(one);
    }

    /**
     * What a node sent; empty if it says nothing yet. Another version of the program may say it in other words: then nothing is known
     * of it, and the log says so.
     */
    public static Optional<List<SourceReport>> read(String json) {
        if (json.isEmpty()) {
            return Optional.empty();
        }
        try {
            List<SourceReport> reports = MAPPER.readValue(json, new TypeReference<List<SourceReport>>() {});
            READS.worked();
            return Optional.of(reports);
        } catch (JsonProcessingException e) {
            READS.failed(e);
            return Optional.empty();
        }
    }

    private static SourceReport of(String node, SourceReport one) {
        return one.reason() == null ? one : withReason(one, "on node " + node + ": " + one.reason());
    }

    private static SourceReport withReason(SourceReport one, String reason) {
        return new SourceReport(
                one.name(),
                one.kind(),
                one.flows(),
                one.state(),
                one.since(),
                reason,
                one.records(),
                one.accepted(),
                one.duplicates(),
                one.refused(),
                one.broken(),
                one.runs(),
                one.failedRuns(),
                one.lastGoodAt(),
                one.lastError(),
                one.nextRunAt(),
                one.newestAt(),
                one.skipped(),
                one.ahead(),
                one.usualPause(),
                one.missedShare(),
                one.silentSince(),
                one.arrivals());
    }

    private static SourceReport sum(List<SourceReport> all) {
        SourceReport worst = all.stream()
                .filter(one -> one.state() != SourceState.STARTING)
                .min(Comparator.comparing(SourceReport::state))
                .orElse(all.get(0));
        SourceReport last = all.stream()
                .max(Comparator.comparing(SourceReport::lastGoodAt, Comparator.nullsFirst(Comparator.naturalOrder())))
                .orElse(worst);
        return new SourceReport(
                worst.name(),
                worst.kind(),
                all.stream().flatMap(one -> one.flows().stream()).distinct().toList(),
                worst.state(),
                worst.since(),
                worst.reason(),
                sum(all, SourceReport::records),
                sum(all, SourceReport::accepted),
                sum(all, SourceReport::duplicates),
                all.stream()
                        .flatMap(one -> one.refused().entrySet().stream())
                        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, Long::sum, TreeMap::new)),
                sum(all, SourceReport::broken),
                sum(all, SourceReport::runs),
                sum(all, SourceReport::failedRuns),
                last.lastGoodAt(),
                all.stream()
                        .map(SourceReport::lastError)
                        .filter(Objects::nonNull)
                        .max(Comparator.comparing(SourceReport.SourceError::at))
                        .orElse(null),
                one(all, SourceReport::nextRunAt, BinaryOperator.minBy(Comparator.naturalOrder())),
                one(all, SourceReport::newestAt, BinaryOperator.maxBy(Comparator.naturalOrder())),
                last.skipped(),
                last.ahead(),
                first(all, SourceReport::usualPause),
                first(all, SourceReport::missedShare),
                one(all, SourceReport::silentSince, BinaryOperator.minBy(Comparator.naturalOrder())),
                arrivals(all));
    }

    private static @Nullable Long arrivals(List<SourceReport> all) {
        boolean isKnown = all.stream().allMatch(each -> each.arrivals() != null);
        return isKnown ? (Long) sum(all, each -> Objects.requireNonNull(each.arrivals())) : null;
    }

    /** What all nodes learn, this one's first. */
    private static <T> @Nullable T first(List<SourceReport> all, Function<SourceReport, @Nullable T> part) {
        return all.stream()
                .<T>flatMap(each -> Stream.ofNullable(part.apply(each)))
                .findFirst()
                .orElse(null);
    }

    private static long sum(List<SourceReport> all, Function<SourceReport, Long> part) {
        return all.stream().mapToLong(part::apply).sum();
    }

    private static @Nullable Instant one(
            List<SourceReport> all, Function<SourceReport, @Nullable Instant> part, BinaryOperator<Instant> choose) {
        return all.stream()
                .<Instant>flatMap(each -> Stream.ofNullable(part.apply(each)))
                .reduce(choose)
                .orElse(null);
    }
}
