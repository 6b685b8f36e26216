package dev.serai.connector.tcp;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.SinkContract;
import dev.serai.support.TcpTarget;
import dev.serai.text.ExactJson;
import java.io.IOException;
import java.net.Socket;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AutoClose;

/** A service that answers each line with a line of JSON. */
class TcpSinkContractTest extends SinkContract {
    private final Map<String, Integer> state = new ConcurrentHashMap<>();
    private volatile String refused = "";
    private volatile boolean isDown;

    @AutoClose
    private final TcpTarget target = new TcpTarget("line", this::got);

    private void got(String frame, Socket socket) throws IOException {
        JsonNode json = ExactJson.MAPPER.readTree(frame);
        String key = json.path("id").asText();
        if (isDown) {
            socket.close();
        } else if (key.equals(refused)) {
            TcpTarget.line(socket, "{\"error\":\"no such thing\",\"permanent\":true}");
        } else {
            if (json.path("gone").asBoolean()) {
                state.remove(key);
            } else {
                state.put(key, json.path("n").asInt());
            }
            TcpTarget.line(socket, "{\"ok\":true}");
        }
    }

    @Override
    protected String kamelet() {
        return "tcp-sink";
    }

    @Override
    protected String options() {
        return """
                host: 127.0.0.1
                port: "{{target.port}}"
                """;
    }

    @Override
    protected Map<String, String> properties() {
        return Map.of("target.port", String.valueOf(target.port()));
    }

    @Override
    protected Map<String, Integer> state() {
        return Map.copyOf(state);
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
