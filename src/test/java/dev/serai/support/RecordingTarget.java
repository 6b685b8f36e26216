package dev.serai.support;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A target that records its deliveries in the order of arrival. It answers some at random with 503, and all changes of a key
 * with the key's status if one is set.
 */
public final class RecordingTarget implements AutoCloseable {

    /** One delivery that was answered with 2xx, even if the sender was killed before it got the answer. */
    public record Arrival(String id, String key, long sequence, String body) {}

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Random random;
    private final Map<String, Arrival> firsts = new HashMap<>();
    private final List<Arrival> firstsInOrder = new ArrayList<>();
    private final List<String> contradictions = new ArrayList<>();
    private final List<String> paths = new ArrayList<>();
    private final List<Long> asked = new ArrayList<>();
    private final Map<String, Integer> refused = new HashMap<>();
    private volatile double failureRate;
    private int repeats;

    public RecordingTarget(long seed) throws IOException {
        random = new Random(seed);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 256);
        server.setExecutor(threads);
        server.createContext("/", this::receive);
        server.start();
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    public void failing(double rate) {
        failureRate = rate;
    }

    /** Answers this key with this status from now on. */
    public synchronized void refuse(String key, int status) {
        refused.put(key, status);
    }

    /** Accepts every key again. */
    public synchronized void takeAll() {
        refused.clear();
    }

    private void receive(HttpExchange request) throws IOException {
        String body = new String(request.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String key = header(request, "Serai-Key");
        int status;
        synchronized (this) {
            asked.add(Long.parseLong(header(request, "Serai-Sequence")));
            status = refused.getOrDefault(key, random.nextDouble() < failureRate ? 503 : 204);
            if (status == 204) {
                paths.add(request.getRequestURI().getPath());
                keep(new Arrival(
                        header(request, "Idempotency-Key"),
                        key,
                        Long.parseLong(header(request, "Serai-Sequence")),
                        body));
            }
        }
        byte[] reason = ("no " + key + " here").getBytes(StandardCharsets.UTF_8);
        request.sendResponseHeaders(status, status == 204 ? -1 : reason.length);
        if (status != 204) {
            request.getResponseBody().write(reason);
        }
        request.close();
    }

    private static String header(HttpExchange request, String name) {
        return URLDecoder.decode(
                request.getRequestHeaders().getFirst(name).replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private void keep(Arrival arrival) {
        Arrival first = firsts.putIfAbsent(arrival.id(), arrival);
        if (first == null) {
            firstsInOrder.add(arrival);
            return;
        }
        repeats++;
        if (!first.equals(arrival)) {
            contradictions.add(first + " came again as " + arrival);
        }
    }

    /** The first delivery of each id, in the order of arrival. */
    public synchronized List<Arrival> firsts() {
        return List.copyOf(firstsInOrder);
    }

    /** The paths of all deliveries, in the order of arrival. */
    public synchronized List<String> paths() {
        return List.copyOf(paths);
    }

    /** The sequences of all requests, also of those that it refused, in the order of arrival. */
    public synchronized List<Long> asked() {
        return List.copyOf(asked);
    }

    public synchronized boolean has(String id) {
        return firsts.containsKey(id);
    }

    public synchronized int repeats() {
        return repeats;
    }

    /** Ids that were delivered again with another key, sequence or body. */
    public synchronized List<String> contradictions() {
        return List.copyOf(contradictions);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
