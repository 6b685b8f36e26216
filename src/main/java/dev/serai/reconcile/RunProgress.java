package dev.serai.reconcile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.text.ExactJson;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far a run is.
 *
 * <p>Threads: written by the run's thread, read by any.
 */
final class RunProgress {
    private static final Logger LOG = LoggerFactory.getLogger(RunProgress.class);

    /** The steps of a run, in their order. */
    enum RunPhase {
        /** The book is brought up to date. */
        FOLLOWING,
        /** The target is read. */
        LISTING,
        /** Keys are looked for that were not in the listing. */
        SEARCHING,
        /** What seemed to differ is looked at again. */
        CONFIRMING,
        REPAIRING,
        /** The target is done, and the source is compared. */
        SOURCE
    }

    final RunRequest request;
    final Instant startedAt;
    volatile RunPhase phase = RunPhase.FOLLOWING;
    /** Where the listing goes on; null at its beginning. */
    volatile @Nullable String place;
    /** The last key of the search for missing ones. */
    volatile String searched = "";
    /** What was accepted up to this time is compared; null until that is known. */
    volatile @Nullable Instant through;

    /** How far the mark went meanwhile, by {@link RecentLook}; null if it did not. */
    volatile @Nullable Instant advanced;

    /** See {@link dev.serai.reconcile.book.RecentKeys#nextTurn}. */
    volatile long turn;

    volatile long equal;
    /** What has to be said about the end; null for nothing. */
    volatile @Nullable String note;
    /** How many records were read. */
    volatile long read;

    /** How many records with different keys the listing had. */
    volatile long listed;

    /** Keys whose numbers are not below this became known after the listing began. */
    volatile long knownBefore;

    /** How many keys that should be there were not in the first look. */
    volatile long absent;

    /** How long it has waited since the machine had other work. */
    private volatile long waitedMillis;

    private long waitedNanos;

    final BitSet seen;

    RunProgress(RunRequest request, Instant startedAt) {
        this(request, startedAt, new BitSet());
    }

    private RunProgress(RunRequest request, Instant startedAt, BitSet seen) {
        this.request = request;
        this.startedAt = startedAt;
        this.seen = seen;
    }

    /** It waits so long, since the machine has other work. */
    void waits(Duration time) {
        waitedNanos += time.toNanos();
        waitedMillis = TimeUnit.NANOSECONDS.toMillis(waitedNanos);
    }

    /** How long it has waited like this, to a tenth. */
    double waitedSeconds() {
        return Math.round(waitedMillis / 100.0) / 10.0;
    }

    String save() {
        ObjectNode json = ExactJson.MAPPER.createObjectNode();
        json.put("hot", request.hot());
        json.put("sample", request.sample());
        json.put("turn", turn);
        json.put("repair", request.repair());
        json.put("dryRun", request.dryRun());
        json.set("only", ExactJson.MAPPER.valueToTree(request.only()));
        json.put("rate", String.valueOf(request.rate()));
        json.put("limit", request.limit());
        json.put("startedAt", startedAt.toString());
        json.put("phase", phase.name());
        json.put("place", place);
        json.put("searched", searched);
        json.put("through", through == null ? null : String.valueOf(through));
        json.put("advanced", advanced == null ? null : String.valueOf(advanced));
        json.put("equal", equal);
        json.put("read", read);
        json.put("listed", listed);
        json.put("knownBefore", knownBefore);
        json.put("absent", absent);
        json.put("waitedMillis", waitedMillis);
        return json.toString();
    }

    private static @Nullable Instant time(JsonNode saved) {
        return saved.isTextual() ? Instant.parse(saved.textValue()) : null;
    }

    /** Reads what {@link #save} wrote; null if it cannot be read. */
    static @Nullable RunProgress of(String saved, BitSet seen) {
        try {
            JsonNode json = ExactJson.MAPPER.readTree(saved);
            List<String> only = new ArrayList<>();
            json.path("only").forEach(key -> only.add(key.asText()));
            RunRequest request = new RunRequest(
                    json.path("hot").asBoolean(),
                    json.path("sample").asInt(),
                    json.path("repair").asBoolean(),
                    json.path("dryRun").asBoolean(),
                    only,
                    Double.parseDouble(json.path("rate").asText()),
                    json.path("limit").asLong());
            RunProgress state = new RunProgress(
                    request, Instant.parse(json.path("startedAt").asText()), seen);
            state.phase = RunPhase.valueOf(json.path("phase").asText());
            state.place = json.path("place").textValue();
            state.searched = json.path("searched").asText();
            state.through = time(json.path("through"));
            state.advanced = time(json.path("advanced"));
            state.turn = json.path("turn").asLong();
            state.equal = json.path("equal").asLong();
            state.read = json.path("read").asLong();
            state.listed = json.path("listed").asLong();
            state.knownBefore = json.path("knownBefore").asLong();
            state.absent = json.path("absent").asLong();
            state.waits(Duration.ofMillis(json.path("waitedMillis").asLong()));
            return state;
        } catch (JsonProcessingException | RuntimeException e) {
            LOG.warn("How far an interrupted run was cannot be read, so it begins anew: {}", e.toString());
            return null;
        }
    }
}
