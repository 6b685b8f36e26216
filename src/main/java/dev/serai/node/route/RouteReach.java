package dev.serai.node.route;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.camel.Processor;
import org.apache.camel.model.ChoiceDefinition;
import org.apache.camel.model.FilterDefinition;
import org.apache.camel.model.IdempotentConsumerDefinition;
import org.apache.camel.model.OnExceptionDefinition;
import org.apache.camel.model.ProcessDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.SamplingDefinition;
import org.apache.camel.model.StopDefinition;
import org.apache.camel.model.WhenDefinition;
import org.jspecify.annotations.Nullable;

/**
 * Whether every message of a route comes to an endpoint, or which step keeps some of them back without a failure.
 *
 * <p>Threads: one thread.
 */
final class RouteReach {
    private static final String LEDGER = "ledger:";

    private final RouteLinks links;
    private final Predicate<String> isWanted;
    private final boolean ownCode;

    private RouteReach(RouteLinks links, Predicate<String> isWanted, boolean ownCode) {
        this.links = links;
        this.isWanted = isWanted;
        this.ownCode = ownCode;
    }

    /** How much comes to the ledger. */
    static RouteReach toFlow(RouteLinks links, String flow) {
        return new RouteReach(links, uri -> RouteLinks.withoutParameters(uri).equals(LEDGER + flow), false);
    }

    /** The flows that a route may write to. */
    static Set<String> flowsOf(RouteLinks links, RouteDefinition route) {
        Set<String> flows = new LinkedHashSet<>();
        Predicate<String> noting = uri -> {
            String plain = RouteLinks.withoutParameters(uri);
            if (plain.startsWith(LEDGER)) {
                flows.add(plain.substring(LEDGER.length()));
            }
            return false; // so that all ways are walked to their ends
        };
        new RouteReach(links, noting, false).of(route);
        return flows;
    }

    /** How much leaves the node, as far as can be seen: code of the user's own may send. */
    static RouteReach toTarget(RouteLinks links) {
        return new RouteReach(links, SendingStep::isSending, true);
    }

    /**
     * How much of what a route is given comes to a wanted endpoint.
     *
     * @param condition the step that keeps the rest back, such as {@code filter at orders.camel.yaml:7}; null if there is none
     */
    record Share(boolean any, @Nullable String condition) {
        static final Share NONE = new Share(false, null);
        static final Share ALL = new Share(true, null);

        boolean isAll() {
            return any && condition == null;
        }

        Share under(String step) {
            return isAll() ? new Share(true, step) : this;
        }
    }

    Share of(RouteDefinition route) {
        return of(route, route.getOutputs(), new HashSet<>(Set.of(route)));
    }

    private Share of(RouteDefinition route, List<ProcessorDefinition<?>> steps, Set<RouteDefinition> seen) {
        Share share = Share.NONE;
        String stop = null;
        for (ProcessorDefinition<?> step : steps) {
            if (step instanceof StopDefinition) {
                return share;
            }
            Share found = of(route, step, seen);
            if (stop != null) {
                found = found.under(stop);
            }
            if (found.isAll()) {
                return found;
            }
            share = share.any() ? share : found;
            stop = stop == null ? stopIn(route, step) : stop;
        }
        return share;
    }

    private Share of(RouteDefinition route, ProcessorDefinition<?> step, Set<RouteDefinition> seen) {
        if (step instanceof OnExceptionDefinition) {
            return Share.NONE; // which is not on the way
        }
        if (step instanceof ChoiceDefinition choice) {
            return ofChoice(route, choice, seen);
        }
        if (ownCode && isUsersCode(step)) {
            return Share.ALL;
        }
        Share within = of(route, step.getOutputs(), seen);
        if (step instanceof FilterDefinition || step instanceof IdempotentConsumerDefinition) {
            return within.under(named(route, step));
        }
        for (String uri : links.uris(step)) {
            Share next = ofUri(route, uri, seen);
            within = within.isAll() || !next.any() ? within : next;
        }
        return within;
    }

    private Share ofChoice(RouteDefinition route, ChoiceDefinition choice, Set<RouteDefinition> seen) {
        List<Share> branches = new ArrayList<>();
        for (WhenDefinition when : choice.getWhenClauses()) {
            branches.add(of(route, when.getOutputs(), seen));
        }
        branches.add(
                choice.getOtherwise() == null
                        ? Share.NONE
                        : of(route, choice.getOtherwise().getOutputs(), seen));
        if (branches.stream().allMatch(Share::isAll)) {
            return Share.ALL;
        }
        if (branches.stream().noneMatch(Share::any)) {
            return Share.NONE;
        }
        return branches.stream()
                .filter(branch -> branch.condition() != null)
                .findFirst()
                .orElse(new Share(true, named(route, choice)));
    }

    private Share ofUri(RouteDefinition route, String uri, Set<RouteDefinition> seen) {
        boolean wanted = isWanted.test(uri);
        if (wanted && !uri.startsWith("kamelet:")) {
            return Share.ALL;
        }
        Share share = Share.NONE;
        for (RouteDefinition next : links.next(route, uri)) {
            if (seen.add(next)) {
                Share found = of(next, next.getOutputs(), seen);
                seen.remove(next);
                share = share.isAll() || !found.any() ? share : found;
            }
        }
        return wanted && !share.any() ? Share.ALL : share;
    }

    /** The step in a branch that ends the route for some of its messages; null if there is none. */
    private static @Nullable String stopIn(RouteDefinition route, ProcessorDefinition<?> step) {
        if (step instanceof SamplingDefinition || step instanceof StopDefinition) {
            return named(route, step);
        }
        if (step instanceof OnExceptionDefinition) {
            return null;
        }
        for (ProcessorDefinition<?> inner : step.getOutputs()) {
            String stop = stopIn(route, inner);
            if (stop != null) {
                return stop;
            }
        }
        return null;
    }

    private static boolean isUsersCode(ProcessorDefinition<?> step) {
        return SendingStep.isOwnCode(step)
                && !(step instanceof ProcessDefinition process && isOwn(process.getProcessor()));
    }

    private static boolean isOwn(Processor processor) {
        return processor instanceof PartIds.Numbering
                || processor instanceof SentMarks.Begin
                || processor instanceof SentMarks.Sends;
    }

    private static String named(RouteDefinition route, ProcessorDefinition<?> step) {
        String place = RouteLinks.place(route, step);
        return step.getShortName() + (place == null ? "" : " at " + place);
    }
}
