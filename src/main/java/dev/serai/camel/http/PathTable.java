package dev.serai.camel.http;

import dev.serai.http.Problem;
import dev.serai.http.RequestRefusal;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The exact paths that {@code ingress:} serves, looked up before Vert.x Web's router, which tries its routes one by one.
 *
 * <p>Threads: safe.
 */
public final class PathTable {

    private static final Problem REPLACED =
            Problem.of(503, "This flow is being replaced. Send it again in a moment.", Duration.ofSeconds(1));

    private final Map<String, Map<HttpMethod, Handler<HttpServerRequest>>> byPath = new ConcurrentHashMap<>();
    private final Set<String> replaced = ConcurrentHashMap.newKeySet();
    private volatile boolean replacing;
    private volatile boolean starting;

    /** Until {@link #replaced} is called, paths that come or go are answered 503. */
    synchronized void replacing() {
        replacing = true;
    }

    synchronized void replaced() {
        replacing = false;
        replaced.clear();
    }

    /** Whether more paths will come, so that one that is not there is no mistake. */
    void starting(boolean isStarting) {
        starting = isStarting;
    }

    boolean isReplacing() {
        return replacing || starting;
    }

    /** @throws IllegalArgumentException if the path is taken for one of the methods; then nothing is mounted */
    public synchronized void add(String path, Set<HttpMethod> methods, Handler<HttpServerRequest> handler) {
        Map<HttpMethod, Handler<HttpServerRequest>> mounted = new HashMap<>(byPath.getOrDefault(path, Map.of()));
        for (HttpMethod method : methods) {
            if (mounted.put(method, handler) != null) {
                throw new IllegalArgumentException(
                        "two routes take " + method + " " + path + ": give one of them another path, or other methods");
            }
        }
        holdBack(path);
        byPath.put(path, Map.copyOf(mounted));
    }

    public synchronized void remove(String path, Handler<HttpServerRequest> handler) {
        holdBack(path);
        Map<HttpMethod, Handler<HttpServerRequest>> mounted = new HashMap<>(byPath.getOrDefault(path, Map.of()));
        mounted.values().removeIf(other -> other == handler);
        if (mounted.isEmpty()) {
            byPath.remove(path);
        } else {
            byPath.put(path, Map.copyOf(mounted));
        }
    }

    private void holdBack(String path) {
        if (replacing) {
            replaced.add(path);
        }
    }

    /** The handler of the request; null if the router handles it. */
    @Nullable Handler<HttpServerRequest> find(HttpServerRequest request) {
        if (ambiguous(request)) {
            return refused -> RequestRefusal.close(
                    refused, Problem.of(400, "The request is malformed: check its Host and Transfer-Encoding."));
        }
        if (replaced.contains(request.path())) {
            return refused -> RequestRefusal.close(refused, REPLACED);
        }
        Map<HttpMethod, Handler<HttpServerRequest>> mounted = byPath.get(request.path());
        if (mounted == null) {
            return null;
        }
        Handler<HttpServerRequest> handler = mounted.get(request.method());
        return handler != null ? handler : refused -> methodNotAllowed(refused, mounted.keySet());
    }

    /**
     * Whether two servers in a row could read it differently, which allows request smuggling (RFC 9112 section 11.2).
     * Netty already refuses a request with both Content-Length and Transfer-Encoding.
     */
    private boolean ambiguous(HttpServerRequest request) {
        MultiMap headers = request.headers();
        String coding = headers.get(HttpHeaders.TRANSFER_ENCODING);
        boolean strangeCoding = coding != null
                && (!coding.equalsIgnoreCase("chunked")
                        || headers.getAll(HttpHeaders.TRANSFER_ENCODING).size() != 1);
        boolean homeless = request.version() == HttpVersion.HTTP_1_1 && !headers.contains(HttpHeaders.HOST);
        return strangeCoding || homeless || request.path() == null;
    }

    private void methodNotAllowed(HttpServerRequest request, Set<HttpMethod> allowed) {
        String names = allowed.stream().map(HttpMethod::name).sorted().collect(Collectors.joining(", "));
        Problem problem = Problem.of(405, "Use " + names + " on this path.");
        RequestRefusal.close(request, problem.answer().with("Allow", names));
    }
}
