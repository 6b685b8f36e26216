package dev.serai.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Pushes changes as a careful source does: one at a time per key, and repeated with the same id until acknowledged. Key
 * {@code k3} gets the changes {@code k3-1, k3-2, …}. The keys push together, ten times per second: so the node has to take many
 * changes at once, and a test does not need more of them the longer it waits.
 */
public final class LoadSource {
    private static final long AGAIN_MILLIS = 100;
    private static final long BETWEEN_MILLIS = 100;

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    private final List<Thread> senders = new ArrayList<>();
    private final Map<String, String> acknowledged = new ConcurrentHashMap<>();
    private final Map<String, String> sent = new ConcurrentHashMap<>();
    private final List<String> unexpected = Collections.synchronizedList(new ArrayList<>());
    private final AtomicReference<HttpResponse<String>> refusal = new AtomicReference<>();
    /** Guarded by this; requests go to them in turn. */
    private List<URI> addresses = List.of();

    private int turn;

    private volatile boolean stopped;

    public LoadSource(String url, int keys) {
        sendTo(url);
        for (int key = 0; key < keys; key++) {
            String name = "k" + key;
            senders.add(new Thread(() -> send(name), "source-" + name));
        }
    }

    public void start() {
        senders.forEach(Thread::start);
    }

    /** Sends to another address from now on; null while there is none. */
    public void sendTo(String url) {
        sendToAll(url == null ? List.of() : List.of(url));
    }

    /** Sends to these addresses in turn from now on. */
    public synchronized void sendToAll(List<String> urls) {
        addresses = urls.stream().map(URI::create).toList();
        notifyAll();
    }

    /** For each key, how many of its changes are acknowledged. */
    public Map<String, Integer> acknowledgedByKey() {
        Map<String, Integer> counts = new ConcurrentHashMap<>();
        acknowledged.keySet().forEach(id -> counts.merge(id.substring(0, id.indexOf('-')), 1, Integer::sum));
        return counts;
    }

    /** Each sender ends when its last change is acknowledged or refused. */
    public void stop() throws InterruptedException {
        stopped = true;
        long end = System.nanoTime() + Patience.MAX.toNanos();
        for (Thread sender : senders) {
            sender.join(Math.max(1, Duration.ofNanos(end - System.nanoTime()).toMillis()));
        }
        List<Thread> waiting = senders.stream().filter(Thread::isAlive).toList();
        waiting.forEach(Thread::interrupt);
        assertThat(waiting).as("senders whose last change was not acknowledged").isEmpty();
    }

    /** Bodies by id. */
    public Map<String, String> acknowledged() {
        return acknowledged;
    }

    public Map<String, String> sent() {
        return sent;
    }

    /** Answers that are neither an acknowledgement nor "send it again". */
    public List<String> unexpected() {
        return List.copyOf(unexpected);
    }

    /** The last answer that said "send it again", or null. */
    public HttpResponse<String> refusal() {
        return refusal.get();
    }

    private void send(String key) {
        for (int n = 1; !stopped; n++) {
            String id = key + "-" + n;
            String body = "{\"id\":\"" + id + "\",\"key\":\"" + key + "\",\"n\":" + n + "}";
            sent.put(id, body);
            if (!push(id, body) || !awaitNext()) {
                return;
            }
        }
    }

    /** Waits for the moment at which all keys push; false if there is none. */
    private static boolean awaitNext() {
        try {
            Thread.sleep(BETWEEN_MILLIS - System.currentTimeMillis() % BETWEEN_MILLIS);
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    private boolean push(String id, String body) {
        try {
            while (true) {
                HttpResponse<String> answer = ask(body);
                if (answer != null && answer.statusCode() == 202) {
                    acknowledged.put(id, body);
                    return true;
                }
                if (answer != null && answer.statusCode() != 503 && answer.statusCode() != 507) {
                    unexpected.add(id + " was answered " + answer.statusCode() + " " + answer.body());
                    return false;
                }
                if (answer != null) {
                    refusal.set(answer);
                }
                pause();
            }
        } catch (InterruptedException e) {
            return false;
        }
    }

    /** Returns null if the node is down, or was killed before it answered: whether it has the change is unknown. */
    private HttpResponse<String> ask(String body) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(awaitAddress())
                .timeout(Duration.ofSeconds(10))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            return null;
        }
    }

    private synchronized URI awaitAddress() throws InterruptedException {
        while (addresses.isEmpty()) {
            wait();
        }
        turn++;
        return addresses.get(turn % addresses.size());
    }

    /** Between two attempts: until there is another address, but not for long, since the same one may answer again. */
    private synchronized void pause() throws InterruptedException {
        wait(AGAIN_MILLIS);
    }
}
