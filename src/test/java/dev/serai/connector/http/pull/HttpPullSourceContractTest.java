package dev.serai.connector.http.pull;

import dev.serai.connector.pull.PullSourceContract;
import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import dev.serai.support.RemoteSide.Asked;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AutoClose;

/** An API with pages of two records, which it sorts and filters by number. */
class HttpPullSourceContractTest extends PullSourceContract {
    private final List<String> items = new CopyOnWriteArrayList<>();
    private volatile boolean isDown;

    @AutoClose
    private final RemoteSide remote = new RemoteSide(this::answer);

    private Answer answer(Asked asked) {
        if (isDown) {
            return new Answer(403, Map.of(), "closed for today");
        }
        int since = Integer.parseInt("0" + asked.parameter("since"));
        int page = Integer.parseInt(asked.parameter("page"));
        List<String> shown = items.stream()
                .skip(Math.max(0, since - 1))
                .skip((page - 1) * 2L)
                .limit(2)
                .toList();
        return Answer.json("{\"items\":[" + String.join(",", shown) + "]}");
    }

    @Override
    protected String kamelet() {
        return "http-pull-source";
    }

    @Override
    protected String options() {
        return """
                interval: 50ms
                url: "{{remote}}/orders?since={cursor}&page={page}"
                records: .items
                cursor: .at
                """;
    }

    @Override
    protected Map<String, String> properties() {
        return Map.of("remote", remote.url(""));
    }

    @Override
    protected void write(String... keys) {
        for (String key : keys) {
            items.add("{\"id\":\"" + key + "\",\"at\":" + (items.size() + 1) + "}");
        }
    }

    @Override
    protected void writeBroken() {
        items.add("{\"id\":null,\"at\":" + (items.size() + 1) + "}");
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
