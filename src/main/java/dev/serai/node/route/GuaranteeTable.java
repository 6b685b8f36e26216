package dev.serai.node.route;

import dev.serai.camel.FlowRoutes.TargetGuarantee;
import dev.serai.camel.ledger.LedgerConsumer;
import dev.serai.camel.ledger.LedgerEndpoint;
import dev.serai.camel.ledger.LedgerProducerOptions;
import dev.serai.ledger.delivery.RedeliveryPolicy;
import dev.serai.ledger.delivery.TargetOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Route;
import org.apache.camel.model.RouteDefinition;
import org.jspecify.annotations.Nullable;

/** Says in words what the loaded routes guarantee for each flow. */
public final class GuaranteeTable {
    private static final String DELIVERY = "delivery";
    private static final String ORDER = "order";
    private static final String LEFT_OUT = "left out";

    private final Map<String, FlowParts> flows = new TreeMap<>();
    private final List<FlowSource> withoutFlow = new ArrayList<>();
    private final RouteLinks links;
    private final KameletNotes notes;

    private GuaranteeTable(CamelContext context) {
        links = new RouteLinks(context);
        notes = new KameletNotes(context);
    }

    /** What is said of a target about one thing. */
    private record GuaranteeRow(String label, String text) {}

    private static final class FlowParts {
        final List<LedgerProducerOptions> producers = new ArrayList<>();
        final List<LedgerConsumer> consumers = new ArrayList<>();
        final List<BrokenPromise> broken = new ArrayList<>();
        final List<FlowSource> sources = new ArrayList<>();
        boolean isUndigested;
    }

    public static GuaranteeTable of(CamelContext context) {
        GuaranteeTable guarantees = new GuaranteeTable(context);
        for (Route route : context.getRoutes()) {
            if (route.getConsumer() instanceof LedgerConsumer consumer) {
                guarantees.flow(consumer.target().flow()).consumers.add(consumer);
            }
        }
        for (Endpoint endpoint : context.getEndpoints()) {
            if (endpoint instanceof LedgerEndpoint ledger
                    && ledger.getConsumerOptions().getTarget() == null) {
                guarantees.flow(ledger.getFlow()).producers.add(ledger.getProducerOptions());
            }
        }
        for (String undigested : UndigestedFlows.of(context).keySet()) {
            guarantees.flow(undigested).isUndigested = true;
        }
        for (BrokenPromise broken : BrokenPromise.all(context)) {
            guarantees.flow(broken.flow()).broken.add(broken);
        }
        guarantees.findSources();
        return guarantees;
    }

    private void findSources() {
        for (FlowSource source : FlowSource.all(links)) {
            boolean isUsed = false;
            for (String name : RouteReach.flowsOf(links, source.route())) {
                FlowParts flow = flows.get(name);
                FlowSource into = flow == null ? null : source.into(links, name);
                if (flow != null && into != null) {
                    flow.sources.add(into);
                    isUsed = true;
                }
            }
            if (!isUsed) {
                withoutFlow.add(source);
            }
        }
    }

    private FlowParts flow(String name) {
        return flows.computeIfAbsent(name, flow -> new FlowParts());
    }

    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        flows.keySet().forEach(name -> lines.addAll(lines(name)));
        if (!withoutFlow.isEmpty()) {
            lines.add(
                    "not kept here: these sources are answered when their routes have ended, and no way leads from them to ledger:");
            withoutFlow.forEach(source -> lines.add("  " + source.name() + source.at()));
        }
        if (flows.isEmpty()) {
            lines.add("no route uses the ledger: nothing is guaranteed");
        }
        return lines;
    }

    /** What is said of one flow; nothing if no route uses it. */
    List<String> lines(String name) {
        List<String> lines = new ArrayList<>();
        FlowParts flow = flows.get(name);
        if (flow == null) {
            return lines;
        }
        lines.add("flow " + name);
        flow.sources.forEach(source -> describe(source, lines));
        lines.add("  accepted     " + accepted(flow));
        lines.add("  duplicates   " + duplicates(flow));
        if (flow.isUndigested) {
            lines.add("  digests      none are kept (digests: false), so its targets cannot be compared by reconcile");
        }
        if (flow.consumers.isEmpty()) {
            lines.add("  no target    changes are kept for the retention and not delivered");
        }
        flow.broken.forEach(broken ->
                lines.add("  UNSAFE       " + (broken.place() == null ? "" : broken.place() + ": ") + broken.what()));
        for (LedgerConsumer consumer : flow.consumers) {
            lines.add("  target " + consumer.target().target());
            rows(consumer).forEach(row -> lines.add("    " + String.format("%-11s", row.label) + row.text));
        }
        return lines;
    }

    /** The same for programs: what is guaranteed for each of its targets. */
    List<TargetGuarantee> guarantees(String name) {
        FlowParts flow = flows.get(name);
        if (flow == null) {
            return List.of();
        }
        String sources =
                flow.sources.stream().map(source -> source.name() + source.at()).collect(Collectors.joining("; "));
        return flow.consumers.stream()
                .map(consumer -> guarantee(consumer, sources))
                .toList();
    }

    private TargetGuarantee guarantee(LedgerConsumer consumer, String sources) {
        List<String> notes = new ArrayList<>();
        String order = "";
        String delivery = "";
        for (GuaranteeRow row : rows(consumer)) {
            switch (row.label) {
                case ORDER -> order = row.text;
                case DELIVERY -> delivery = row.text;
                default -> notes.add(row.label + ": " + row.text);
            }
        }
        return new TargetGuarantee(consumer.target().target(), sources, order, delivery, notes);
    }

    private void describe(FlowSource source, List<String> lines) {
        lines.add("  source       " + source.name() + source.at());
        String unseen = notes.of(source.uri(), KameletNotes.UNSEEN);
        if (unseen != null) {
            lines.add("    unseen     " + unseen);
        }
        if (source.condition() != null) {
            lines.add("    left out   " + source.condition() + ": what it keeps back is answered, but not stored");
        }
    }

    private static String accepted(FlowParts flow) {
        if (flow.producers.isEmpty()) {
            return "no route writes to this flow";
        }
        List<String> waiting = new ArrayList<>();
        for (LedgerProducerOptions producer : flow.producers) {
            if (producer.getMode() == LedgerProducerOptions.Mode.SYNC) {
                String targets = producer.getAwait() == null ? "all targets" : "target " + producer.getAwait();
                waiting.add("; a route waits for " + targets + ", at most "
                        + Duration.ofMillis(producer.getTimeout())
                                .toString()
                                .substring(2)
                                .toLowerCase(Locale.ROOT));
            }
        }
        return "answered only after the change is durable (fsync)" + String.join("", waiting);
    }

    private static String duplicates(FlowParts flow) {
        boolean recognised = true;
        for (LedgerProducerOptions producer : flow.producers) {
            recognised &= producer.getId() != null || producer.getVersion() != null;
        }
        return recognised
                ? "recognised by id within the retention, delivered once"
                : "cannot be recognised: a route gives neither an id nor a version, so each change is new";
    }

    private List<GuaranteeRow> rows(LedgerConsumer consumer) {
        TargetOptions options = consumer.options();
        List<GuaranteeRow> rows = new ArrayList<>();
        rows.add(new GuaranteeRow(DELIVERY, "at least once, under a stable id"));
        rows.add(new GuaranteeRow("repeats", repeats(consumer)));
        rows.add(new GuaranteeRow(ORDER, order(options)));
        String condition = condition(consumer);
        if (condition != null) {
            rows.add(new GuaranteeRow(LEFT_OUT, condition + ": what it keeps back is not sent, and ends as filtered"));
        }
        if (options.coalesce() || options.versionGuard()) {
            rows.add(new GuaranteeRow(LEFT_OUT, leftOut(options)));
        }
        rows.add(new GuaranteeRow("failures", failures(options)));
        rows.add(new GuaranteeRow("outage", "changes wait and use up no attempt; one probe at a time"));
        return rows;
    }

    /** The step that keeps some of the changes from the target; null if there is none. */
    private @Nullable String condition(LedgerConsumer consumer) {
        RouteDefinition route = links.route(consumer.getRoute().getRouteId());
        return route == null ? null : RouteReach.toTarget(links).of(route).condition();
    }

    /** Whether the target can tell the second arrival of a change from a new one. */
    private String repeats(LedgerConsumer consumer) {
        RouteDefinition route = links.route(consumer.getRoute().getRouteId());
        Set<String> told = new LinkedHashSet<>();
        for (String uri : route == null ? Set.<String>of() : links.urisOf(route)) {
            String note = uri.startsWith("feed:")
                    ? "the reader gets the id with each change"
                    : notes.of(uri, KameletNotes.REPEATS);
            if (note != null) {
                told.add(note);
            } else if (SendingStep.isSending(uri)) {
                told.add("not known of " + RouteLinks.withoutParameters(uri)
                        + ": the header CamelLedgerId is the same each time");
            }
        }
        return told.isEmpty() ? "not known: no step of the route is known to send" : String.join("; ", told);
    }

    private static String order(TargetOptions options) {
        String several = options.batchSize() > 1 ? " batches of up to " + options.batchSize() : "";
        return options.ordered()
                ? "per key, " + options.concurrency() + (several.isEmpty() ? " keys" : several) + " at once"
                : "none, " + options.concurrency() + (several.isEmpty() ? " changes" : several) + " at once";
    }

    private static String leftOut(TargetOptions options) {
        String replaced = options.coalesce() ? "states of a key that a newer one replaces before they are sent" : "";
        String and = options.coalesce() && options.versionGuard() ? "; " : "";
        return replaced + and + (options.versionGuard() ? "states older than one delivered before, by version" : "");
    }

    private static String failures(TargetOptions options) {
        RedeliveryPolicy redelivery = options.redelivery();
        String then = options.blockOnDeadLetter()
                ? "dead letter that holds back its key"
                : "dead letter, later changes of the key go on";
        if (redelivery.maximumRedeliveries() < 0) {
            return "tried again for ever; refused (4xx, validation): " + then;
        }
        return "tried again " + redelivery.maximumRedeliveries() + " times within about " + inWords(total(redelivery))
                + ", then " + then;
    }

    private static Duration total(RedeliveryPolicy redelivery) {
        double millis = 0;
        double delay = redelivery.redeliveryDelay().toMillis();
        for (int i = 0; i < redelivery.maximumRedeliveries() && millis < Long.MAX_VALUE / 4.0; i++) {
            millis += Math.min(delay, redelivery.maximumRedeliveryDelay().toMillis());
            delay *= redelivery.backOffMultiplier();
        }
        return Duration.ofMillis((long) millis);
    }

    private static String inWords(Duration duration) {
        if (duration.toHours() > 48) {
            return duration.toDays() + " days";
        }
        if (duration.toMinutes() > 120) {
            return duration.toHours() + " hours";
        }
        return duration.toSeconds() > 120 ? duration.toMinutes() + " minutes" : duration.toSeconds() + " seconds";
    }
}
