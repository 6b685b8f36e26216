package dev.serai.node.trial;

import dev.serai.node.route.RouteModel;
import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.model.FilterDefinition;
import org.apache.camel.model.ProcessDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.processor.DelegateAsyncProcessor;
import org.jspecify.annotations.Nullable;

/**
 * Notes the message after each step, and stands in for those that would reach outside.
 *
 * <p>Threads: safe.
 */
final class TrialSteps implements InterceptStrategy {

    @Override
    public Processor wrapProcessorInInterceptors(
            CamelContext context, NamedNode definition, Processor target, @Nullable Processor next) {
        boolean isOwnMark = definition instanceof ProcessDefinition process && process.getProcessor() != null;
        return definition instanceof ProcessorDefinition<?> step && !isOwnMark
                ? new Step(context, step, target)
                : new DelegateAsyncProcessor(target);
    }

    private static final class Step extends DelegateAsyncProcessor {
        private final ProcessorDefinition<?> step;
        private final String routeId;
        private final boolean isInKamelet;
        private final @Nullable TrialReplacement replacement;

        Step(CamelContext context, ProcessorDefinition<?> step, Processor target) {
            super(target);
            RouteDefinition route = ProcessorDefinitionHelper.getRoute(step);
            this.step = step;
            this.routeId = route == null ? "" : String.valueOf(route.getRouteId());
            this.isInKamelet = route != null && RouteModel.kameletOf(route) != null;
            this.replacement = TrialReplacement.of(context, step, target);
        }

        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            TrialRecord record = TrialRecord.of(exchange);
            if (record == null) {
                return super.process(exchange, callback);
            }
            if (isInKamelet) {
                return inKamelet(exchange, record, callback);
            }
            MessageView before = MessageView.of(exchange.getMessage());
            int index = record.begin();
            String note = replace(exchange, record);
            if (note != null) {
                record.end(index, step, before, note, exchange);
                callback.done(true);
                return true;
            }
            Message sent = exchange.getMessage().copy();
            int requests = record.sent();
            int begun = record.begun();
            return super.process(exchange, doneSync -> {
                if (exchange.getException() == null
                        && record.sent() > requests
                        && step.getOutputs().isEmpty()) {
                    exchange.getMessage().copyFrom(sent); // as no answer came that could be read
                }
                record.leaveKamelets();
                record.end(index, step, before, record.begun() == begun ? noteIfEmpty() : null, exchange);
                callback.done(doneSync);
            });
        }

        private boolean inKamelet(Exchange exchange, TrialRecord record, AsyncCallback callback) {
            boolean isOver = record.hasEnded(routeId);
            if (!isOver && replace(exchange, record) == null) {
                return super.process(exchange, callback);
            }
            if (!isOver && replacement != null && replacement.isEnd()) {
                record.endKamelet(routeId);
            }
            callback.done(true);
            return true;
        }

        /** What was done instead; null if the step itself has to run. */
        private @Nullable String replace(Exchange exchange, TrialRecord record) {
            if (replacement == null) {
                return null;
            }
            try {
                return replacement.replace(exchange, record);
            } catch (Exception e) {
                exchange.setException(e);
                return "";
            }
        }

        private @Nullable String noteIfEmpty() {
            return step instanceof FilterDefinition ? "does not match, so its steps are left out" : null;
        }
    }
}
