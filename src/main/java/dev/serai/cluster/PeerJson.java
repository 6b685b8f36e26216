package dev.serai.cluster;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.serai.ledger.cluster.ShardOrder;
import dev.serai.ledger.history.ChainRows;
import dev.serai.ledger.history.TargetDrift;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Receipt;
import dev.serai.ledger.model.TargetCounts.Pause;
import dev.serai.text.IsoTimes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The JSON that nodes exchange. All of them run the same program, or two versions during an upgrade: members may be added, and
 * what a node does not know it ignores. Times are written by {@link IsoTimes}.
 *
 * <p>Threads: safe.
 */
final class PeerJson {
    static final String ACCEPT = "/accept";
    static final String ACCEPT_AND_WAIT = "/accept-and-wait";
    static final String CURSOR = "/cursor";
    static final String ACT = "/act";
    static final String NEW_REPLAY = "/new-replay";
    static final String REPLAY = "/replay";
    static final String AUDIT = "/audit";
    static final String PROGRESS = "/progress";
    static final String FEED = "/feed";
    static final String COUNT = "/count";
    static final String ASK = "/ask";
    static final String PAUSE = "/pause";
    static final String REMOVE = "/remove";

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .visibility(PropertyAccessor.ALL, Visibility.NONE)
            .visibility(PropertyAccessor.FIELD, Visibility.ANY)
            .visibility(PropertyAccessor.CREATOR, Visibility.ANY)
            .addModule(new IsoTimes())
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    record AcceptCall(int shard, List<Change> changes) {}

    record Accepted(List<Receipt> receipts) {}

    record WaitCall(int shard, Change change, @Nullable String await, long timeoutMillis) {}

    record CursorCall(int shard, String name, String value, Instant savedAt) {}

    record ActCall(int shard, ShardOrder order) {}

    record AuditId(long id) {}

    record ReplayId(long id) {}

    record CountCall(Instant minute, List<ChainRows> rows) {}

    record Drifts(List<TargetDrift> drifts) {}

    record AskCall(String part, String text) {}

    record PartText(String text) {}

    record PauseCall(
            String flow,
            String target,
            boolean pauses,
            boolean gone,
            @Nullable Instant since,
            @Nullable String by,
            @Nullable String reason) {
        static PauseCall of(String flow, String target, @Nullable Pause pause) {
            if (pause == null) {
                return new PauseCall(flow, target, false, false, null, null, null);
            }
            return new PauseCall(flow, target, true, pause.isGone(), pause.since(), pause.by(), pause.reason());
        }

        @Nullable Pause pause() {
            return pauses ? new Pause(gone, since, by, reason) : null;
        }
    }

    record RemoveCall(String flow, String target) {}

    record CallDone(boolean done) {}

    private PeerJson() {}

    static byte[] write(Object message) {
        try {
            return MAPPER.writeValueAsBytes(message);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Throws {@link IOException} if it is no such message. */
    static <T> T read(byte[] json, Class<T> type) throws IOException {
        return MAPPER.readValue(json, type);
    }
}
