package dev.serai.camel.http;

import java.util.Set;
import java.util.regex.Pattern;
import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.AsyncProcessorConverterHelper;
import org.apache.camel.support.processor.DelegateAsyncProcessor;
import org.jspecify.annotations.Nullable;

/**
 * Marks the status that another server answered a step of a route, so that {@link HttpAnswerWriter} does not take it, and with it
 * what that server sent, for the route's own answer; and keeps {@link RequestHeaders} from the call.
 *
 * <p>Threads: safe.
 */
public final class CalledStatus implements InterceptStrategy {
    /** The steps that may call a server; a step {@code to} does by its address, which a property may hold. */
    private static final Set<String> CALLING =
            Set.of("toD", "enrich", "poll", "pollEnrich", "recipientList", "routingSlip", "dynamicRouter");

    private static final Pattern SERVER = Pattern.compile("(?i)(https?|[a-z]+-http|rest[a-z-]*|undertow|\\{\\{).*");

    @Override
    public Processor wrapProcessorInInterceptors(
            CamelContext context, NamedNode definition, Processor target, @Nullable Processor nextTarget) {
        boolean calls = definition instanceof ToDefinition to
                ? to.getEndpointUri() != null
                        && SERVER.matcher(to.getEndpointUri()).matches()
                : CALLING.contains(definition.getShortName());
        // Camel converts all others as well, but warns of it if an interceptor leaves them to it.
        return calls ? new CallingStep(target) : AsyncProcessorConverterHelper.convert(target);
    }

    private static final class CallingStep extends DelegateAsyncProcessor {
        CallingStep(Processor step) {
            super(step);
        }

        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            Object before = exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE);
            Runnable putBack = RequestHeaders.hide(exchange);
            return super.process(exchange, doneSync -> {
                putBack.run();
                if (exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE) != before) {
                    HttpAnswerWriter.called(exchange);
                }
                callback.done(doneSync);
            });
        }
    }
}
