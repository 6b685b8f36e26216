package dev.serai.node.trial;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.camel.OutgoingRequest;
import dev.serai.camel.OutgoingStep;
import dev.serai.camel.ledger.LedgerConstants;
import dev.serai.camel.ledger.LedgerEndpoint;
import dev.serai.camel.ledger.LedgerProducerOptions;
import dev.serai.ledger.delivery.ChangeValidator;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Limits;
import dev.serai.node.route.SendingStep;
import dev.serai.text.ExactJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.DelegateProcessor;
import org.apache.camel.Exchange;
import org.apache.camel.Expression;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.EnrichDefinition;
import org.apache.camel.model.ExpressionNode;
import org.apache.camel.model.PollDefinition;
import org.apache.camel.model.PollEnrichDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.model.WireTapDefinition;
import org.apache.camel.processor.SendProcessor;
import org.apache.camel.reifier.language.ExpressionReifier;
import org.jspecify.annotations.Nullable;

/**
 * Stands in for one step that would bring something to the ledger or out of this process: it notes what would be brought.
 *
 * <p>Threads: safe.
 */
final class TrialReplacement {
    private static final Pattern LOCAL = Pattern.compile("(?:kamelet|bean|class|mock):.*", Pattern.DOTALL);
    private static final Pattern VERIFY = Pattern.compile("signature:(?!.*action=sign).*", Pattern.DOTALL);
    private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    private static final Pattern HTTP = Pattern.compile("https?:.*", Pattern.DOTALL);
    private static final String RECORDED = "recorded, not sent";

    private final ChangeValidator validator = new ChangeValidator(Limits.DEFAULT.nameCharsMax());
    private final CamelContext context;
    private final ProcessorDefinition<?> step;
    private final Processor target;
    private final @Nullable OutgoingStep outgoing;
    private final @Nullable Expression receivers;

    private TrialReplacement(
            CamelContext context,
            ProcessorDefinition<?> step,
            Processor target,
            @Nullable OutgoingStep outgoing,
            @Nullable Expression receivers) {
        this.context = context;
        this.step = step;
        this.target = inner(target);
        this.outgoing = outgoing;
        this.receivers = receivers;
    }

    /** Null if the step stays within the message. */
    static @Nullable TrialReplacement of(CamelContext context, ProcessorDefinition<?> step, Processor target) {
        if (inner(target) instanceof OutgoingStep outgoing) {
            return new TrialReplacement(context, step, target, outgoing, null);
        }
        if (step instanceof ToDynamicDefinition dynamic) {
            String uri = context.resolvePropertyPlaceholders(dynamic.getUri());
            return new TrialReplacement(context, step, target, null, expression(context, uri));
        }
        if (SendingStep.namesReceivers(step) && step instanceof ExpressionNode node && node.getExpression() != null) {
            Expression named =
                    ExpressionReifier.reifier(context, node.getExpression()).createExpression();
            named.init(context);
            return new TrialReplacement(context, step, target, null, named);
        }
        boolean isCall = step instanceof EndpointRequiredDefinition || step instanceof PollDefinition;
        return isCall ? new TrialReplacement(context, step, target, null, null) : null;
    }

    private static Expression expression(CamelContext context, String uri) {
        Expression expression = context.resolveLanguage("simple").createExpression(uri);
        expression.init(context);
        return expression;
    }

    private static Processor inner(Processor target) {
        return target instanceof DelegateProcessor delegate && delegate.getProcessor() != null
                ? inner(delegate.getProcessor())
                : target;
    }

    /** Whether what follows in its Kamelet reads the answer. */
    boolean isEnd() {
        return outgoing != null || !VERIFY.matcher(uri()).matches();
    }

    private String uri() {
        return step instanceof EndpointRequiredDefinition to ? String.valueOf(to.getEndpointUri()) : "";
    }

    /** Returns what was done, or null if the step itself has to run. */
    @Nullable String replace(Exchange exchange, TrialRecord record) throws Exception {
        if (outgoing != null) {
            record.add(outgoing.request(exchange));
            return RECORDED;
        }
        List<String> uris = receivers == null
                ? List.of(uri())
                : Arrays.stream(String.valueOf(receivers.evaluate(exchange, String.class))
                                .split(step instanceof ToDynamicDefinition ? "\\z" : ","))
                        .map(String::strip)
                        .toList();
        boolean isCopy = step instanceof WireTapDefinition<?>;
        if (!isCopy && uris.stream().noneMatch(TrialReplacement::leavesHere)) {
            return null;
        }
        List<String> notes = new ArrayList<>();
        for (String uri : uris) {
            notes.add(stand(uri, exchange, record));
        }
        return notes.get(0);
    }

    private static boolean leavesHere(String uri) {
        return VERIFY.matcher(uri).matches()
                || (SendingStep.isSending(uri) && !LOCAL.matcher(uri).matches());
    }

    private String stand(String uri, Exchange exchange, TrialRecord record) throws Exception {
        if (VERIFY.matcher(uri).matches()) {
            return "not verified: what is given counts as signed";
        }
        if (uri.startsWith("ledger:")) {
            LedgerEndpoint ledger = target instanceof SendProcessor send
                    ? (LedgerEndpoint) send.getEndpoint()
                    : context.getEndpoint(uri, LedgerEndpoint.class);
            accept(ledger, exchange, record);
            return "recorded, not stored";
        }
        String address =
                target instanceof SendProcessor send ? send.getEndpoint().getEndpointUri() : uri;
        boolean isFetch = step instanceof EnrichDefinition
                || step instanceof PollEnrichDefinition
                || step instanceof PollDefinition;
        record.add(request(address, isFetch, exchange));
        return isFetch ? "nothing is fetched: the message stays as it is" : RECORDED;
    }

    // ---- The ledger

    private void accept(LedgerEndpoint ledger, Exchange exchange, TrialRecord record) throws Exception {
        LedgerProducerOptions options = ledger.getProducerOptions();
        Message message = exchange.getMessage();
        List<Change> changes = ledger.changes(exchange);
        validator.requireValid(changes);
        for (Change change : changes) {
            boolean isMadeUp = options.getId() == null
                    && !change.idComputed()
                    && UUID.matcher(change.id()).matches();
            Change kept = isMadeUp ? change.withId(record.nextId()) : change;
            record.add(TriedChange.of(kept));
            message.setHeader(LedgerConstants.FLOW, kept.flow());
            message.setHeader(LedgerConstants.ID, kept.id());
            message.setHeader(LedgerConstants.SEQUENCE, (long) record.accepted());
            message.setHeader(LedgerConstants.DUPLICATE, false);
        }
        if (options.isBatch()) {
            message.setHeader(LedgerConstants.NEW_CHANGES, changes.size());
            message.setHeader(LedgerConstants.NEW_BROKEN, 0);
        }
        if (options.getMode() == LedgerProducerOptions.Mode.SYNC) {
            message.setHeader(LedgerConstants.OUTCOME, "delivered");
        }
    }

    // ---- Any other component

    private static OutgoingRequest request(String uri, boolean isFetch, Exchange exchange) throws Exception {
        Message message = exchange.getMessage();
        byte[] body = bytes(message);
        boolean isHttp = HTTP.matcher(uri).matches();
        String method = isFetch ? "fetch" : "send";
        if (isHttp) {
            Object set = message.getHeader(Exchange.HTTP_METHOD);
            method = set != null ? set.toString() : body.length == 0 || isFetch ? "GET" : "POST";
        }
        Map<String, String> headers = new LinkedHashMap<>();
        message.getHeaders().forEach((name, value) -> {
            if (value != null && !name.startsWith("Camel") && !name.startsWith("kafka.")) {
                headers.put(
                        name, value instanceof byte[] raw ? new String(raw, StandardCharsets.UTF_8) : value.toString());
            }
        });
        String plain = uri.replaceFirst("(?s)^([\\w+.-]+):(?://)?(https?://)?", isHttp ? "$1://" : "$1:$2");
        return new OutgoingRequest(method, isHttp ? plain : plain.replaceFirst("(?s)[?].*", ""), headers, body);
    }

    private static byte[] bytes(Message message) throws Exception {
        if (message.getBody() instanceof byte[] raw) {
            return raw;
        }
        JsonNode body = MessageView.of(message).body();
        if (body.isNull()) {
            return new byte[0];
        }
        return body.isTextual()
                ? body.textValue().getBytes(StandardCharsets.UTF_8)
                : body.isBinary() ? body.binaryValue() : ExactJson.MAPPER.writeValueAsBytes(body);
    }
}
