package dev.serai.node.trial;

import dev.serai.camel.OutgoingRequest;
import dev.serai.node.route.RouteModel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.model.ProcessorDefinition;
import org.jspecify.annotations.Nullable;

/**
 * What is noted while one message goes through a route.
 *
 * <p>Threads: safe.
 */
final class TrialRecord {
    static final int STEPS_MAX = 200;

    private static final String PROPERTY = "SeraiTrial";

    private final List<@Nullable TriedStep> steps = new ArrayList<>();
    private final List<TriedChange> changes = new ArrayList<>();
    private final List<TriedRequest> requests = new ArrayList<>();
    private final Set<String> endedKamelets = new HashSet<>();
    private int depth;
    private int begun;
    private int madeUp;
    private @Nullable Throwable failure;
    private @Nullable String place;

    /** Null if the exchange is of no trial. */
    static @Nullable TrialRecord of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, TrialRecord.class);
    }

    void follow(Exchange exchange) {
        exchange.setProperty(PROPERTY, this);
    }

    // ---- Steps

    /** Returns the place of the step in the list. */
    synchronized int begin() {
        depth++;
        begun++;
        if (steps.size() < STEPS_MAX) {
            steps.add(null);
            return steps.size() - 1;
        }
        return -1;
    }

    /** How many steps have begun. */
    synchronized int begun() {
        return begun;
    }

    synchronized void end(
            int index, ProcessorDefinition<?> step, MessageView before, @Nullable String note, Exchange exchange) {
        depth--;
        Throwable thrown = exchange.getException();
        if (thrown != null && thrown != failure) { // the innermost step ends first
            failure = thrown;
            place = RouteModel.placeOf(step);
        }
        if (index >= 0) {
            steps.set(
                    index,
                    new TriedStep(
                            depth,
                            RouteModel.placeOf(step),
                            String.valueOf(step.getId()),
                            step.getShortName(),
                            StepText.of(step),
                            before,
                            thrown == null ? MessageView.of(exchange.getMessage()) : null,
                            note,
                            thrown == null ? null : RouteTrial.reason(thrown)));
        }
    }

    /** Where the route failed with this; null if that is not known. */
    synchronized @Nullable String placeOf(Throwable thrown) {
        return thrown == failure ? place : null;
    }

    // ---- What comes out

    synchronized void add(TriedChange change) {
        changes.add(change);
    }

    synchronized void add(OutgoingRequest request) {
        requests.add(TriedRequest.of(request));
    }

    synchronized int sent() {
        return requests.size();
    }

    /** How many changes came before. */
    synchronized int accepted() {
        return changes.size();
    }

    /** Instead of an id that the ledger would make up. */
    synchronized String nextId() {
        return "trial-" + ++madeUp;
    }

    // ---- Kamelets whose request is made: the rest of their steps reads an answer

    synchronized void endKamelet(String routeId) {
        endedKamelets.add(routeId);
    }

    synchronized boolean hasEnded(String routeId) {
        return endedKamelets.contains(routeId);
    }

    synchronized void leaveKamelets() {
        endedKamelets.clear();
    }

    synchronized List<TriedStep> steps() {
        return steps.stream()
                .filter(Objects::nonNull)
                .map(Objects::requireNonNull)
                .toList();
    }

    synchronized List<TriedChange> changes() {
        return List.copyOf(changes);
    }

    synchronized List<TriedRequest> requests() {
        return List.copyOf(requests);
    }
}
