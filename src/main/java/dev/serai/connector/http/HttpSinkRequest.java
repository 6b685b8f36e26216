package dev.serai.connector.http;

import static org.apache.camel.component.http.HttpMethods.DELETE;
import static org.apache.camel.component.http.HttpMethods.PATCH;
import static org.apache.camel.component.http.HttpMethods.POST;
import static org.apache.camel.component.http.HttpMethods.PUT;

import dev.serai.camel.NonBlockingStep;
import dev.serai.camel.ledger.ChangeBatch;
import dev.serai.camel.ledger.IdentityHeaders;
import dev.serai.camel.ledger.LedgerConstants;
import dev.serai.camel.ledger.RestoreHeaders;
import dev.serai.text.HttpText;
import dev.serai.text.LogText;
import dev.serai.trace.TraceContext;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.http.HttpMethods;
import org.jspecify.annotations.Nullable;

/**
 * Converts a delivery to an HTTP request: method, address, body, content type, and only the headers named here.
 *
 * <p>{@code Idempotency-Key} is the change's id; {@code Serai-Flow, Serai-Key, Serai-Version, Serai-Operation,
 * Serai-Sequence} and {@code Serai-Attempt} describe the change, percent-encoded where needed; {@code traceparent} and {@code
 * tracestate} are those of the change, of a batch those of its first. All other headers are removed,
 * because some, such as {@code CamelHttpQuery} or a caller's {@code Authorization}, change the request. {@link RestoreHeaders}
 * restores them.
 *
 * <p>A batch is one request of {@link HttpSinkBatch}, with its size in {@code Serai-Batch-Size}.
 *
 * <p>Threads: safe.
 */
public final class HttpSinkRequest implements Processor, NonBlockingStep {
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

    private final HttpSinkAddress address;
    private final HttpMethods method;
    private final HttpMethods deleteMethod;
    private final List<String> passedOn;
    private final Map<String, String> constants;
    private @Nullable HttpSinkAddress confirm;
    private @Nullable HttpSinkConfirmRoute confirmRoute;

    /**
     * How requests are made.
     *
     * @param url {@code {key}} in its path or query is replaced by the key
     * @param method a method with a body, or DELETE
     * @param deleteMethod for changes that remove their record: POST or DELETE
     * @param headers separated by commas: {@code NAME} passes the change's header on, {@code NAME=VALUE} adds a constant
     */
    public HttpSinkRequest(String url, String method, String deleteMethod, @Nullable String headers) {
        this.address = new HttpSinkAddress(url);
        this.method = oneOf("method", method, POST, PUT, PATCH, DELETE);
        this.deleteMethod = this.method == DELETE ? DELETE : oneOf("deleteMethod", deleteMethod, POST, DELETE);
        HttpHeaderOption option = HttpHeaderOption.of(headers);
        this.passedOn = option.passedOn();
        this.constants = option.constants();
    }

    private static HttpMethods oneOf(String option, String value, HttpMethods... allowed) {
        for (HttpMethods one : allowed) {
            if (one.name().equalsIgnoreCase(value.strip())) {
                return one;
            }
        }
        String names = Arrays.stream(allowed).map(Enum::name).collect(Collectors.joining(", "));
        throw new IllegalArgumentException(option + " must be one of " + names + ", not " + LogText.of(value));
    }

    /** See {@link HttpSinkConfirm} and {@link HttpSinkConfirmRoute}. */
    public void setConfirm(@Nullable String confirm) {
        confirmRoute = HttpSinkConfirmRoute.of(confirm);
        this.confirm = confirmRoute == null ? HttpSinkConfirm.address(confirm, address) : null;
    }

    /** The route that is asked; null without one. */
    @Nullable HttpSinkConfirmRoute confirmRoute() {
        return confirmRoute;
    }

    /** The headers that each request has. */
    Map<String, String> constants() {
        return constants;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        Message message = exchange.getMessage();
        if (ChangeBatch.isBatch(message)) {
            requestForAll(exchange);
        } else {
            requestForOne(exchange);
        }
    }

    private void requestForOne(Exchange exchange) throws Exception {
        Message message = exchange.getMessage();
        HttpMethods used = ChangeBatch.isDelete(message) ? deleteMethod : method;
        byte[] body = ChangeBatch.body(message);
        Map<String, Object> request = new LinkedHashMap<>();
        passedOn.forEach(name -> put(request, name, message.getHeader(name)));
        request.putAll(constants);
        IdentityHeaders.NAMES.forEach((from, name) -> put(request, name, message.getHeader(from)));
        putTrace(request, message);
        if (used != DELETE) { // which has no body that all servers would take (RFC 9110, 9.3.5)
            put(request, Exchange.CONTENT_TYPE, message.getHeader(Exchange.CONTENT_TYPE));
        }
        Object key = message.getHeader(LedgerConstants.KEY);
        String target = address.target(exchange, key);
        Object id = message.getHeader(LedgerConstants.ID);
        HttpSinkAddress asked = confirm;
        boolean mayHaveArrived = Boolean.TRUE.equals(message.getHeader(LedgerConstants.MAY_HAVE_ARRIVED));
        if (mayHaveArrived && asked != null) {
            request.put(
                    HttpSinkConfirm.TARGET, asked.targetWith(exchange, name -> HttpSinkConfirm.value(message, name)));
        } else if (mayHaveArrived && confirmRoute != null) {
            request.put(HttpSinkConfirm.TARGET, confirmRoute.uri());
        }
        replace(exchange, request, used, target, id, used == DELETE ? new byte[0] : body);
    }

    private void requestForAll(Exchange exchange) throws Exception {
        if (address.hasKey() || method == DELETE || confirm != null || confirmRoute != null) {
            throw new IllegalStateException(
                    "http-sink cannot send a batch to the address of one key, or with DELETE, or with confirm: take"
                            + " batchSize out of the route's \"from: ledger:…\", or {key}, DELETE and confirm out of the sink's parameters");
        }
        List<Exchange> changes = ChangeBatch.of(exchange);
        HttpSinkBatch batch = HttpSinkBatch.of(changes);
        Map<String, Object> request = new LinkedHashMap<>(constants);
        put(request, "Idempotency-Key", batch.id());
        put(request, "Serai-Flow", batch.flow());
        put(request, "Serai-Batch-Size", changes.size());
        putTrace(request, changes.get(0).getMessage());
        put(request, Exchange.CONTENT_TYPE, "application/json");
        replace(exchange, request, method, address.target(exchange, null), batch.id(), batch.json());
    }

    /** Makes the message the request; headers that begin with Camel are not sent. */
    private static void replace(
            Exchange exchange,
            Map<String, Object> request,
            HttpMethods method,
            String target,
            @Nullable Object id,
            byte[] body) {
        Message message = exchange.getMessage();
        RestoreHeaders.keep(exchange);
        message.setHeaders(request);
        message.setHeader(Exchange.HTTP_METHOD, method.name());
        message.setHeader(Exchange.HTTP_URI, target);
        if (id != null) {
            message.setHeader(LedgerConstants.ID, id); // for the signature
        }
        message.setBody(body);
    }

    /** The trace that the request is part of, as W3C's Trace Context says it, unless the route's own headers say another one. */
    private static void putTrace(Map<String, Object> request, Message message) {
        if (request.keySet().stream().noneMatch(TraceContext::isHeader)) {
            for (String name : TraceContext.HEADERS) {
                String value = message.getHeader(name, String.class);
                if (value != null && !CONTROL.matcher(value).find()) {
                    request.put(name, value);
                }
            }
        }
    }

    private static void put(Map<String, Object> request, String name, @Nullable Object value) {
        if (value == null) {
            return;
        }
        String text = value.toString();
        request.put(
                name,
                name.equals(Exchange.CONTENT_TYPE)
                        ? CONTROL.matcher(text).replaceAll(" ")
                        : HttpText.headerValue(text));
    }
}
