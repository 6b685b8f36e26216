package dev.serai.node.route;

import dev.serai.camel.ledger.LedgerConstants;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.model.ModelLifecycleStrategySupport;
import org.apache.camel.model.ProcessDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.SplitDefinition;

/**
 * Gives each part of a {@code split} an id of its own, {@code ID.INDEX} with the index from 0, nested ones {@code ID.1.0}: a
 * target that keeps the ids it has seen would drop all parts but one.
 */
public final class PartIds extends ModelLifecycleStrategySupport {

    @Override
    public void onAddRouteDefinition(RouteDefinition route) {
        for (ProcessorDefinition<?> step : RouteModel.steps(route)) {
            if (step instanceof SplitDefinition split && !split.getOutputs().isEmpty()) {
                ProcessDefinition first = new ProcessDefinition(new Numbering());
                first.setParent(split);
                split.getOutputs().add(0, first);
            }
        }
    }

    /** The first step of each part. */
    static final class Numbering implements Processor {
        @Override
        public void process(Exchange exchange) {
            String index = exchange.getProperty(Exchange.SPLIT_INDEX, String.class);
            String outer = exchange.getProperty(LedgerConstants.PART, String.class);
            exchange.setProperty(LedgerConstants.PART, outer == null ? index : outer + "." + index);
            Object id = exchange.getMessage().getHeader(LedgerConstants.ID);
            if (id != null) {
                exchange.getMessage().setHeader(LedgerConstants.ID, id + "." + index);
            }
        }

        @Override
        public String toString() {
            return "ids of the parts";
        }
    }
}
