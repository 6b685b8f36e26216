package dev.serai.support;

import dev.serai.support.RemoteSide.Answer;
import dev.serai.support.RemoteSide.Asked;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** A target that keeps the newest record that it was given of each key, can be read back, and refuses a part of all deliveries. */
public final class DayTarget implements AutoCloseable {
    private static final int PAGE = 500;

    private final double failures;
    private final Random random;
    private final RemoteSide server = new RemoteSide(this::answer);
    /** By the source's name, then by key; guarded by this. */
    private final Map<String, Map<String, String>> records = new TreeMap<>();

    private boolean down;

    /** @param failures the share of deliveries that are answered 503 */
    public DayTarget(double failures, long seed) {
        this.failures = failures;
        this.random = new Random(seed);
    }

    public String url() {
        return server.url("");
    }

    public synchronized void setDown(boolean down) {
        this.down = down;
    }

    /** What it has of a source. */
    public synchronized Map<String, String> of(String source) {
        return new TreeMap<>(records.getOrDefault(source, Map.of()));
    }

    private synchronized Answer answer(Asked asked) {
        server.asked.clear(); // which would fill the memory
        if (down) {
            return Answer.status(503);
        }
        String[] path = asked.path().substring(1).split("/", -1);
        Map<String, String> own = records.computeIfAbsent(path[0], source -> new TreeMap<>());
        if (asked.method().equals("POST")) {
            if (random.nextDouble() < failures) {
                return Answer.status(503);
            }
            own.put(decoded(asked.headers().get("serai-key")), new String(asked.body(), StandardCharsets.UTF_8));
            return Answer.json("{}");
        }
        if (path.length == 2) {
            String record = own.get(decoded(path[1]));
            return record == null ? Answer.status(404) : Answer.json(record);
        }
        List<String> page = own.values().stream()
                .skip((Long.parseLong(asked.parameter("page")) - 1) * PAGE)
                .limit(PAGE)
                .toList();
        return Answer.json("{\"records\":[" + String.join(",", page) + "]}");
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        server.close();
    }
}
