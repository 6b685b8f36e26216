package dev.serai.camel.http;

import dev.serai.camel.ledger.LedgerConstants;
import dev.serai.camel.ledger.SteeringHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.HttpUtils;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.NamedNode;
import org.apache.camel.Route;
import org.apache.camel.component.platform.http.vertx.HttpMessage;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.RoutePolicy;
import org.apache.camel.spi.RoutePolicyFactory;
import org.apache.camel.support.RoutePolicySupport;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the address of a request from becoming that of the servers that its route calls. Camel's {@code http:} takes path, query
 * and URI from the same headers in which a request's are passed to the route, so a stranger could choose them.
 *
 * <p>Of a request to {@code platform-http:}, whose query and form parameters are headers as well, nothing but the content type gets
 * into the answer, and no header that carries a secret by its name into the ledger; the address of its client is kept, as for
 * {@code ingress:}.
 *
 * <p>What the route itself sets in these headers is sent and kept as ever.
 *
 * <p>Threads: safe.
 */
public final class RequestHeaders implements RoutePolicyFactory {
    private static final List<String> ADDRESS =
            List.of(Exchange.HTTP_URI, Exchange.HTTP_PATH, Exchange.HTTP_QUERY, Exchange.HTTP_RAW_QUERY);

    /** Notes the headers that the message has now, before its route begins, as those of the request. */
    public static void note(Exchange exchange) {
        Map<String, Object> request = new HashMap<>(8);
        for (String name : ADDRESS) {
            Object value = exchange.getMessage().getHeader(name);
            if (value != null) {
                request.put(name, value);
            }
        }
        exchange.setProperty(LedgerConstants.REQUEST_HEADERS, request);
    }

    /** Removes those that the route has not set itself; the result puts them back. */
    static Runnable hide(Exchange exchange) {
        Map<?, ?> request = exchange.getProperty(LedgerConstants.REQUEST_HEADERS, Map.class);
        if (request == null) {
            return () -> {};
        }
        Map<String, Object> hidden = new HashMap<>(8);
        Message message = exchange.getMessage();
        for (String name : ADDRESS) {
            Object value = request.get(name);
            if (value != null && message.getHeader(name) == value) {
                hidden.put(name, value);
                message.removeHeader(name);
            }
        }
        return () -> hidden.forEach(exchange.getMessage().getHeaders()::putIfAbsent);
    }

    /** For routes that begin with {@code platform-http:}. */
    @Override
    public @Nullable RoutePolicy createRoutePolicy(CamelContext context, String routeId, NamedNode route) {
        String uri = route instanceof RouteDefinition definition && definition.getInput() != null
                ? definition.getInput().getEndpointUri()
                : "";
        return uri.startsWith("platform-http:") || uri.startsWith("rest:") ? new Policy() : null;
    }

    private static final class Policy extends RoutePolicySupport {
        @Override
        public void onExchangeBegin(Route route, Exchange exchange) {
            Map<String, Object> headers = exchange.getMessage().getHeaders();
            headers.keySet().removeIf(name -> SteeringHeaders.includes(name) && !name.startsWith("Camel"));
            if (exchange.getMessage() instanceof HttpMessage http) {
                HttpServerRequest request = http.getRequest();
                if (!request.headers().contains(Exchange.CONTENT_TYPE)) {
                    headers.remove(Exchange.CONTENT_TYPE); // a parameter of this name
                }
                FlowServer server = FlowServer.of(exchange.getContext());
                if (server != null) {
                    exchange.setProperty(
                            LedgerConstants.CLIENT, server.proxies().client(request));
                }
            }
            exchange.setProperty(LedgerConstants.REQUEST_HEADERS, new HashMap<>(headers));
        }

        @Override
        public void onExchangeDone(Route route, Exchange exchange) {
            Map<?, ?> request = Objects.requireNonNullElse(
                    exchange.getProperty(LedgerConstants.REQUEST_HEADERS, Map.class), Map.of());
            exchange.getMessage()
                    .getHeaders()
                    .entrySet()
                    .removeIf(header -> !isWritable(header)
                            || request.get(header.getKey()) == header.getValue()
                                    && !header.getKey().equalsIgnoreCase(Exchange.CONTENT_TYPE));
        }

        private static boolean isWritable(Map.Entry<String, Object> header) {
            try {
                HttpUtils.validateHeader(header.getKey(), String.valueOf(header.getValue()));
                return true;
            } catch (IllegalArgumentException e) {
                return false;
            }
        }
    }
}
