package dev.serai.support;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.text.ExactJson;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reads the changes of a {@link LoadSource} from a feed, as a reader behind a load balancer does: at several nodes in turn, and each
 * answer is acknowledged at the next one.
 */
public final class FeedPuller {
    private static final Duration ANSWER_MAX = Duration.ofSeconds(5);

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    private final String token;
    private final Thread thread = new Thread(this::pull, "feed-puller");
    private final Set<String> read = ConcurrentHashMap.newKeySet();
    private final List<String> unexpected = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, Integer> newest = new HashMap<>();
    private volatile List<String> feeds = List.of();
    private volatile boolean stopped;

    public FeedPuller(String token) {
        this.token = token;
        thread.setDaemon(true);
    }

    /** Reads at these addresses in turn from now on. */
    public FeedPuller readAt(List<String> urls) {
        feeds = urls;
        return this;
    }

    public void start() {
        thread.start();
    }

    public void stop() throws InterruptedException {
        stopped = true;
        thread.join(Patience.MAX.toMillis());
        assertThat(thread.isAlive()).isFalse();
    }

    /** The ids of the changes. */
    public Set<String> read() {
        return read;
    }

    /** Changes that came before earlier ones of their key, and answers that no reader expects. */
    public List<String> unexpected() {
        return List.copyOf(unexpected);
    }

    private void pull() {
        for (int turn = 0; !stopped; turn++) {
            List<String> now = feeds;
            try {
                pull(now.get(turn % now.size()), now.get((turn + 1) % now.size()));
            } catch (IOException e) {
                // the node is gone, or stands still: the next one
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void pull(String from, String next) throws IOException, InterruptedException {
        HttpResponse<String> answer = ask(from + "?wait=1s", null);
        if (answer.statusCode() != 200) {
            unexpected.add("reading was answered " + answer.statusCode() + " " + answer.body());
            return;
        }
        JsonNode lease = ExactJson.MAPPER.readTree(answer.body());
        lease.path("changes").forEach(change -> took(change.path("id").asText()));
        if (lease.path("cursor").isTextual()) {
            String cursor = "{\"cursor\":\"" + lease.path("cursor").asText() + "\"}";
            int status = ask(next + "/ack", cursor).statusCode();
            if (status != 204 && status != 409 && status != 503) {
                unexpected.add("an acknowledgement was answered " + status);
            }
        }
    }

    private void took(String id) {
        String key = id.substring(0, id.indexOf('-'));
        int number = Integer.parseInt(id.substring(key.length() + 1));
        int before = newest.getOrDefault(key, 0);
        if (number > before + 1) {
            unexpected.add(id + " was read after " + before);
        }
        newest.put(key, Math.max(before, number));
        read.add(id);
    }

    private HttpResponse<String> ask(String url, String body) throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(url)).timeout(ANSWER_MAX).header("Authorization", "Bearer " + token);
        if (body != null) {
            request.POST(BodyPublishers.ofString(body));
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }
}
