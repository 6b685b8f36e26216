package dev.serai.node.route;

import dev.serai.camel.ledger.LedgerConstants;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.model.ChoiceDefinition;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.FilterDefinition;
import org.apache.camel.model.IdempotentConsumerDefinition;
import org.apache.camel.model.LoadBalanceDefinition;
import org.apache.camel.model.ModelLifecycleStrategySupport;
import org.apache.camel.model.MulticastDefinition;
import org.apache.camel.model.ProcessDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.SamplingDefinition;
import org.apache.camel.model.StopDefinition;
import org.apache.camel.model.ToDynamicDefinition;

/**
 * Marks in a target's route whether something was sent, if a step of it may keep changes back: a change that a {@code filter},
 * a {@code choice} or a {@code stop} keeps from every sending step is filtered, not delivered. Routes that are called by
 * {@code direct:} are looked into, Kamelets are not: they count as sending.
 */
public final class SentMarks extends ModelLifecycleStrategySupport {
    private static final String DIRECT = "direct:";

    @Override
    public void onAddRouteDefinition(RouteDefinition route) {
        String from =
                route.getInput() == null ? "" : String.valueOf(route.getInput().getEndpointUri());
        boolean isTarget = from.startsWith("ledger:");
        if (isTarget ? mayKeepBack(route.getOutputs()) : from.startsWith(DIRECT)) {
            mark(route, route.getOutputs());
            if (isTarget) {
                add(route, route.getOutputs(), 0, new Begin());
            }
        }
    }

    private static boolean mayKeepBack(List<ProcessorDefinition<?>> steps) {
        return steps.stream()
                .anyMatch(step -> step instanceof FilterDefinition
                        || step instanceof ChoiceDefinition
                        || step instanceof IdempotentConsumerDefinition
                        || step instanceof SamplingDefinition
                        || step instanceof StopDefinition
                        || isCall(step)
                        || mayKeepBack(step.getOutputs()));
    }

    private static boolean isCall(ProcessorDefinition<?> step) {
        return step instanceof EndpointRequiredDefinition to
                && String.valueOf(to.getEndpointUri()).startsWith(DIRECT);
    }

    /** Puts a mark before each step that sends. */
    private static void mark(ProcessorDefinition<?> parent, List<ProcessorDefinition<?>> steps) {
        for (ProcessorDefinition<?> step : new ArrayList<>(steps)) {
            boolean branches = step instanceof MulticastDefinition || step instanceof LoadBalanceDefinition;
            if (isSending(step) || (branches && step.getOutputs().stream().anyMatch(SentMarks::isSending))) {
                add(parent, steps, steps.indexOf(step), new Sends());
            } else {
                bodies(step).forEach(body -> mark(step, body));
            }
        }
    }

    /** The lists of steps within a step. */
    private static List<List<ProcessorDefinition<?>>> bodies(ProcessorDefinition<?> step) {
        if (!(step instanceof ChoiceDefinition choice)) {
            return List.of(step.getOutputs());
        }
        List<List<ProcessorDefinition<?>>> branches = new ArrayList<>();
        choice.getWhenClauses().forEach(when -> branches.add(when.getOutputs()));
        if (choice.getOtherwise() != null) {
            branches.add(choice.getOtherwise().getOutputs());
        }
        return branches;
    }

    private static boolean isSending(ProcessorDefinition<?> step) {
        if (step instanceof EndpointRequiredDefinition to) {
            return SendingStep.isSending(String.valueOf(to.getEndpointUri()));
        }
        return SendingStep.isOwnCode(step) || step instanceof ToDynamicDefinition || SendingStep.namesReceivers(step);
    }

    private static void add(
            ProcessorDefinition<?> parent, List<ProcessorDefinition<?>> steps, int index, Processor processor) {
        ProcessDefinition added = new ProcessDefinition(processor);
        added.setParent(parent);
        steps.add(index, added);
    }

    /** The first step of a target's route. */
    static final class Begin implements Processor {
        @Override
        public void process(Exchange exchange) {
            exchange.setProperty(LedgerConstants.SENT, new AtomicBoolean());
        }

        @Override
        public String toString() {
            return "nothing sent yet";
        }
    }

    /** A step before one that sends; in a part of a split it marks the whole. */
    static final class Sends implements Processor {
        @Override
        public void process(Exchange exchange) {
            if (exchange.getProperty(LedgerConstants.SENT) instanceof AtomicBoolean sent) {
                sent.set(true);
            }
        }

        @Override
        public String toString() {
            return "something is sent";
        }
    }
}
