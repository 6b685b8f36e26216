package dev.serai.support;

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
 * Pushes changes as a careful source does: one at a time per key, and each again under the same id until it is
 * acknowledged. Key {@code k3} gets the changes {@code k3-1, k3-2, …}.
 */
public final class LoadSource {
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    private final AtomicReference<URI> address = new AtomicReference<>();
    private final List<Thread> senders = new ArrayList<>();
    private final Map<String, String> acknowledged = new ConcurrentHashMap<>();
    private final Map<String, String> sent = new ConcurrentHashMap<>();
    private final List<String> unexpected = Collections.synchronizedList(new ArrayList<>());
    private final AtomicReference<HttpResponse<String>> refusal = new AtomicReference<>();
    private volatile boolean stopped;

    public LoadSource(String url, int keys) {
        address.set(URI.create(url));
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
        address.set(url == null ? null : URI.create(url));
    }

    /** Each sender ends once its last change is acknowledged or refused. */
    public void stop() throws InterruptedException {
        stopped = true;
        for (Thread sender : senders) {
            sender.join();
        }
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
            if (!push(id, body)) {
                return;
            }
        }
    }

    private boolean push(String id, String body) {
        while (true) {
            try {
                HttpResponse<String> answer = client.send(request(body), HttpResponse.BodyHandlers.ofString());
                int status = answer.statusCode();
                if (status == 202) {
                    acknowledged.put(id, body);
                    return true;
                }
                if (status != 503 && status != 507) {
                    unexpected.add(id + " was answered " + status + " " + answer.body());
                    return false;
                }
                refusal.set(answer);
            } catch (IOException e) {
                // down, or killed before it answered: whether it has the change is unknown
            } catch (InterruptedException e) {
                return false;
            }
            if (stopped && Thread.interrupted()) {
                return false;
            }
            Thread.onSpinWait();
            pause();
        }
    }

    private HttpRequest request(String body) throws InterruptedException {
        URI to = address.get();
        while (to == null) {
            pause();
            to = address.get();
        }
        return HttpRequest.newBuilder(to)
                .timeout(Duration.ofSeconds(10))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    /** Between two attempts, as a source does that is told to send again later. */
    private static void pause() {
        try {
            Thread.sleep(5);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
