package dev.serai.admin.console;

import dev.serai.http.Problem;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds requests that a foreign page may have made a browser send, with the browser's cookie (CSRF). A page of another origin
 * cannot set the header {@code Serai-Console}, because the admin port allows it nothing (CORS), and browsers say in {@code Origin}
 * and {@code Sec-Fetch-Site} where a request comes from.
 *
 * <p>Threads: safe. See: W3C Fetch Metadata Request Headers
 */
final class RequestOrigin {
    private static final String HEADER = "Serai-Console";
    private static final String OWN = "same-origin";
    /** A person who typed the address, or followed a bookmark. */
    private static final String NOBODY = "none";

    private final AllowedHosts hosts;
    private final boolean hasTls;

    /** @param hasTls whether the admin port has TLS */
    RequestOrigin(AllowedHosts hosts, boolean hasTls) {
        this.hosts = hosts;
        this.hasTls = hasTls;
    }

    /** What is wrong with a request that counts by its cookie, or that asks for one; null if nothing is. */
    @Nullable Problem fault(HttpServerRequest request) {
        @Nullable Problem host = hosts.fault(request);
        if (host != null) {
            return host;
        }
        boolean reads = request.method() == HttpMethod.GET || request.method() == HttpMethod.HEAD;
        Set<String> sites = reads ? Set.of(OWN, NOBODY) : Set.of(OWN);
        if (!sites.containsAll(request.headers().getAll("Sec-Fetch-Site"))) {
            return refusal("a page of another origin sent it (Sec-Fetch-Site)");
        }
        if (reads) {
            return null;
        }
        if (!request.headers().getAll(HEADER).equals(List.of("1"))) {
            return refusal("it lacks the header " + HEADER + ": 1, which the console's own pages send");
        }
        for (String origin : request.headers().getAll("Origin")) {
            if (!isOwn(origin, request)) {
                return refusal("its Origin is not this node's own address; a proxy must pass on the browser's Host");
            }
        }
        return null;
    }

    private static Problem refusal(String why) {
        return Problem.of(403, "a request with the console's session is refused because " + why);
    }

    private boolean isOwn(String origin, HttpServerRequest request) {
        String host = String.valueOf(request.authority());
        return origin.equalsIgnoreCase((hasTls ? "https://" : "http://") + host)
                || (isSecure(origin) && hosts.isListed(request) && origin.equalsIgnoreCase("https://" + host));
    }

    private static boolean isSecure(String origin) {
        return origin.regionMatches(true, 0, "https://", 0, 8);
    }

    /** Whether the browser reaches the console by TLS, that of the port or that of a proxy. */
    boolean isSecure(HttpServerRequest request) {
        return hasTls || request.headers().getAll("Origin").stream().anyMatch(RequestOrigin::isSecure);
    }
}
