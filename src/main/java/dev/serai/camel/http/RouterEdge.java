package dev.serai.camel.http;

import dev.serai.http.Problem;
import dev.serai.http.RequestRefusal;
import dev.serai.http.TrustedProxies;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;

/**
 * Admits requests to the routes of Vert.x Web's router, such as {@code platform-http:}, within the limits that {@code ingress:}
 * has: their bodies are counted before they are read.
 *
 * <p>Threads: safe.
 */
final class RouterEdge implements Handler<RoutingContext> {
    private static final int REQUESTS_MAX = 2_048;
    private static final Problem BUSY =
            Problem.of(503, "This server is overloaded. Send it again in a moment.", Duration.ofSeconds(1));

    private static final Set<HttpMethod> WITH_FORM =
            Set.of(HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE);

    private static final Pattern BOUNDARY = Pattern.compile(";\\s*boundary=\\s*\"?[^\";\\s]");

    private static final Problem NO_FORM =
            Problem.of(400, "A form is sent with POST, PUT, PATCH or DELETE, and multipart/form-data with a boundary.");

    private final AdmissionShare share;
    private final TrustedProxies proxies;
    private final int bodyBytesMax;

    RouterEdge(CamelContext context, long bodyBytesMax, TrustedProxies proxies) {
        this.proxies = proxies;
        this.share = new Admission(REQUESTS_MAX, Long.MAX_VALUE, ByteBudget.of(context)).share();
        this.bodyBytesMax = (int) Math.min(bodyBytesMax, Integer.MAX_VALUE);
    }

    @Override
    public void handle(RoutingContext asked) {
        HttpServerRequest request = asked.request();
        if (isUnreadableForm(request)) {
            RequestRefusal.close(request, NO_FORM);
            return;
        }
        AdmissionShare.Claim claim = share.claim(proxies.client(request));
        int bytes = bodyBytes(request);
        if (claim.enter() && (bytes == 0 || claim.hold(bytes))) {
            asked.addEndHandler(ended -> claim.close());
            asked.next();
        } else {
            claim.close();
            RequestRefusal.close(request, BUSY);
        }
    }

    /** On which the router would fail. */
    private static boolean isUnreadableForm(HttpServerRequest request) {
        String type =
                String.valueOf(request.getHeader(HttpHeaders.CONTENT_TYPE)).toLowerCase(Locale.ROOT);
        boolean isMultipart = type.startsWith("multipart/form-data");
        boolean isForm = isMultipart || type.startsWith("application/x-www-form-urlencoded");
        return isForm && !WITH_FORM.contains(request.method())
                || isMultipart && !BOUNDARY.matcher(type).find();
    }

    /** At most; a body without a length may be as long as the limit. */
    private int bodyBytes(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        if (length == null) {
            boolean hasBody = request.version() == HttpVersion.HTTP_2
                    ? !request.isEnded()
                    : request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
            return hasBody ? bodyBytesMax : 0;
        }
        return (int) Math.min(Long.parseLong(length), bodyBytesMax);
    }
}
