package dev.serai.support;

import dev.serai.support.RemoteSide.Answer;
import dev.serai.support.RemoteSide.Asked;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A source as real ones are: of its changes, 1 of 100 is never pushed, 2 of 100 twice, 5 of 100 after later ones, and a push that is
 * refused is not repeated. What it has can be pulled, in the order in which it changed.
 */
public final class DaySource implements AutoCloseable {
    private static final int PAGE = 500;

    private final String name;
    private final int keys;
    private final long pauseNanos;
    private final Supplier<@Nullable String> hook;
    private final Random random;
    private final RemoteSide api = new RemoteSide(this::answer);
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final Thread thread;
    /** All that it ever had, and the newest of each key; guarded by this. */
    private final List<String> log = new ArrayList<>();

    private final Map<String, String> newest = new TreeMap<>();
    private final List<String> late = new ArrayList<>();
    private volatile String token;
    private volatile boolean silent;
    private volatile boolean ended;

    /**
     * @param hook where it pushes to; null while nobody is there
     * @param token what it sends as X-Token
     */
    public DaySource(String name, int keys, int perSecond, Supplier<@Nullable String> hook, String token, long seed) {
        this.name = name;
        this.keys = keys;
        this.pauseNanos = 1_000_000_000L / perSecond;
        this.hook = hook;
        this.token = token;
        this.random = new Random(seed);
        this.thread = new Thread(this::run, "source-" + name);
    }

    public String name() {
        return name;
    }

    public void start() {
        thread.start();
    }

    /** Changes go on, and none is pushed. */
    public void setSilent(boolean silent) {
        this.silent = silent;
    }

    public void use(String newToken) {
        token = newToken;
    }

    /** Nothing changes any more. */
    public void end() throws InterruptedException {
        ended = true;
        thread.join(Patience.MAX.toMillis());
    }

    /** The record of each key. */
    public synchronized Map<String, String> newest() {
        return new TreeMap<>(newest);
    }

    /** Its address, for pulls. */
    public String url() {
        return api.url("/" + name);
    }

    private synchronized Answer answer(Asked asked) {
        String since = asked.parameter("since");
        int from = since.isEmpty() ? 0 : Integer.parseInt(since);
        List<String> page = log.subList(Math.min(from, log.size()), Math.min(from + PAGE, log.size()));
        return Answer.json("{\"records\":[" + String.join(",", page) + "]}");
    }

    private void run() {
        while (!ended) {
            push(change());
            LockSupport.parkNanos(pauseNanos);
        }
    }

    private synchronized String change() {
        String key = name + "-" + random.nextInt(keys);
        String record =
                "{\"id\":\"" + key + "\",\"seq\":" + (log.size() + 1) + ",\"value\":" + random.nextInt(1000) + "}";
        log.add(record);
        newest.put(key, record);
        return record;
    }

    private void push(String record) {
        int fate = random.nextInt(100);
        if (silent || fate == 0) {
            return;
        }
        if (fate < 6) {
            late.add(record);
            return;
        }
        post(record);
        if (fate < 8) {
            post(record);
        }
        if (late.size() > 3) {
            late.forEach(this::post);
            late.clear();
        }
    }

    private void post(String record) {
        String url = hook.get();
        if (url == null) {
            return;
        }
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .timeout(Duration.ofSeconds(10))
                .header("Content-Type", "application/json")
                .header("X-Token", token)
                .POST(HttpRequest.BodyPublishers.ofString(record))
                .build();
        client.sendAsync(request, BodyHandlers.discarding()); // the pull finds what fails
    }

    @Override
    public void close() {
        ended = true;
        api.close();
    }
}
