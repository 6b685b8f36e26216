package dev.serai.camel;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.http.HttpMethods;
import org.jspecify.annotations.Nullable;

/**
 * Makes of a delivery the request that an HTTP target gets: the body, its content type, and no headers but these.
 *
 * <p>{@code Idempotency-Key} is the change's id; {@code Serai-Flow, Serai-Key, Serai-Version, Serai-Sequence} and
 * {@code Serai-Attempt} tell what it is, percent-encoded where a header could not hold it. Whatever else is on the message
 * stays behind for {@link HttpSinkAnswer}, since a header such as {@code CamelHttpQuery} or a caller's {@code Authorization} would change the request.
 *
 * <p>Threads: safe.
 */
public final class HttpSinkRequest implements Processor {
    /** The headers that tell a target what a change is, by Camel's name for each. */
    static final Map<String, String> IDENTITY = identity();

    private static final Set<String> OF_THE_CONNECTION = Set.of(
            "connection",
            "content-length",
            "content-type",
            "expect",
            "host",
            "keep-alive",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    private final List<String> passedOn = new ArrayList<>();
    private final Map<String, String> constants = new LinkedHashMap<>();

    private static Map<String, String> identity() {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put(LedgerConstants.ID, "Idempotency-Key");
        headers.put(LedgerConstants.FLOW, "Serai-Flow");
        headers.put(LedgerConstants.KEY, "Serai-Key");
        headers.put(LedgerConstants.VERSION, "Serai-Version");
        headers.put(LedgerConstants.SEQUENCE, "Serai-Sequence");
        headers.put(LedgerConstants.ATTEMPT, "Serai-Attempt");
        return headers;
    }

    /**
     * How requests are made.
     *
     * @param method a method with a body, or DELETE
     * @param headers separated by commas: {@code NAME} passes the change's header on, {@code NAME=VALUE} adds a constant
     */
    public HttpSinkRequest(String method, @Nullable String headers) {
        check(method);
        for (String part : (headers == null ? "" : headers).split(",", -1)) {
            if (!part.isBlank()) {
                add(part.strip());
            }
        }
    }

    private static void check(String method) {
        try {
            HttpMethods known = HttpMethods.valueOf(method.strip().toUpperCase(Locale.ROOT));
            if (known.isEntityEnclosing() || known == HttpMethods.DELETE) {
                return;
            }
        } catch (IllegalArgumentException e) {
            // said below
        }
        throw new IllegalArgumentException("method must be POST, PUT, PATCH or DELETE, not " + LogText.of(method));
    }

    private void add(String part) {
        int equals = part.indexOf('=');
        String name = equals < 0 ? part : part.substring(0, equals).strip();
        String lower = name.toLowerCase(Locale.ROOT);
        if (!HeaderText.isName(name) || lower.startsWith("camel") || OF_THE_CONNECTION.contains(lower)) {
            throw new IllegalArgumentException("headers: \"" + LogText.of(name) + "\" is no header that can be sent");
        }
        if (equals < 0) {
            passedOn.add(name);
            return;
        }
        String value = part.substring(equals + 1).strip();
        if (!value.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
            throw new IllegalArgumentException("headers: the value of " + name + " is not plain ASCII");
        }
        constants.put(name, value);
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        Message message = exchange.getMessage();
        byte[] body = message.getBody() == null ? new byte[0] : message.getMandatoryBody(byte[].class);
        Map<String, Object> request = new LinkedHashMap<>();
        passedOn.forEach(name -> put(request, name, message.getHeader(name)));
        request.putAll(constants);
        IDENTITY.forEach((from, name) -> put(request, name, message.getHeader(from)));
        put(request, Exchange.CONTENT_TYPE, message.getHeader(Exchange.CONTENT_TYPE));
        Object id = message.getHeader(LedgerConstants.ID);

        exchange.setProperty(HttpSinkAnswer.CHANGE_HEADERS, message.getHeaders());
        message.setHeaders(request);
        if (id != null) {
            message.setHeader(LedgerConstants.ID, id); // signs; headers that begin with Camel are not sent
        }
        message.setBody(body);
    }

    private static void put(Map<String, Object> request, String name, @Nullable Object value) {
        if (value == null) {
            return;
        }
        String text = value.toString();
        request.put(name, name.equals(Exchange.CONTENT_TYPE) ? text : HeaderText.of(text));
    }
}
