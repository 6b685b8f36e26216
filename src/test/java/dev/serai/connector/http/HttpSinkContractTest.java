package dev.serai.connector.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.SinkContract;
import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import dev.serai.support.RemoteSide.Asked;
import dev.serai.text.ExactJson;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AutoClose;

/** An API that keeps the last state of each key. */
class HttpSinkContractTest extends SinkContract {
    private final Map<String, Integer> state = new TreeMap<>();
    private volatile String refused = "";
    private volatile boolean isDown;

    @AutoClose
    private final RemoteSide remote = new RemoteSide(this::answer);

    private Answer answer(Asked asked) {
        String key = asked.headers().get("serai-key");
        if (isDown) {
            return Answer.status(503);
        }
        if (key.equals(refused)) {
            return new Answer(422, Map.of(), "no such thing");
        }
        synchronized (state) {
            if ("delete".equals(asked.headers().get("serai-operation"))) {
                state.remove(key);
            } else {
                state.put(key, number(new String(asked.body(), UTF_8)));
            }
        }
        return Answer.json("{}");
    }

    private static int number(String body) {
        try {
            JsonNode json = ExactJson.MAPPER.readTree(body);
            return json.path("n").asInt();
        } catch (java.io.IOException e) {
            throw new IllegalArgumentException(body, e);
        }
    }

    @Override
    protected String kamelet() {
        return "http-sink";
    }

    @Override
    protected String options() {
        return "url: \"{{remote}}/orders\"";
    }

    @Override
    protected Map<String, String> properties() {
        return Map.of("remote", remote.url(""));
    }

    @Override
    protected Map<String, Integer> state() {
        synchronized (state) {
            return Map.copyOf(state);
        }
    }

    @Override
    protected void refuse(String key) {
        refused = key;
    }

    @Override
    protected void takeAway() {
        isDown = true;
    }

    @Override
    protected void bringBack() {
        isDown = false;
    }
}
