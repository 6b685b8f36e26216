package dev.serai.admin.forecast;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.history.HistoryCounts;
import dev.serai.ledger.history.HistoryPoint;
import dev.serai.ledger.history.HistoryQuery;
import dev.serai.ledger.history.HistoryStep;
import dev.serai.ledger.model.LedgerException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What happened in each minute or hour. Of the minute that is not over the node that has the first shard knows; the others ask it. While
 * it does not answer, they have what is stored.
 *
 * <p>Threads: safe; the answers may block.
 */
public final class HistoryAnswers {
    private static final String PART = "history";
    private static final long ANSWER_MILLIS_MAX = 2000;
    private static final DateTimeFormatter TIME =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter();
    private static final JsonMapper MAPPER = new JsonMapper();

    private final Ledger ledger;

    /** What another node asks. */
    private record AskedHistory(
            String step, @Nullable String flow, @Nullable String target, String since, String until) {
        static AskedHistory of(HistoryQuery query) {
            return new AskedHistory(
                    query.step().name(),
                    query.flow(),
                    query.target(),
                    query.since().toString(),
                    query.until().toString());
        }

        HistoryQuery query() {
            return new HistoryQuery(
                    HistoryStep.valueOf(step), flow, target, Instant.parse(since), Instant.parse(until));
        }
    }

    /** One period. */
    public record PointJson(
            String at,
            long accepted,
            long duplicates,
            long delivered,
            long failed,
            long dead,
            long pending,
            double oldestSeconds) {
        static PointJson of(HistoryPoint point) {
            HistoryCounts counts = point.counts();
            return new PointJson(
                    TIME.format(point.at()),
                    counts.accepted(),
                    counts.duplicates(),
                    counts.delivered(),
                    counts.failed(),
                    counts.dead(),
                    counts.pending(),
                    counts.oldestMillis() / 1000.0);
        }
    }

    /** @param written what the work makes, as the JSON of an answer, made on a thread for that */
    public HistoryAnswers(Ledger ledger, Function<Supplier<@Nullable Object>, CompletableFuture<String>> written) {
        this.ledger = ledger;
        ledger.talk().answerFor(PART, asked -> written.apply(() -> own(read(asked))));
    }

    /** A list of {@link PointJson}, in order; see {@link dev.serai.ledger.FlowHistory#points}. */
    public List<?> points(HistoryQuery query) {
        if (!ledger.isFirstOwn()) {
            try {
                String asked = MAPPER.writeValueAsString(AskedHistory.of(query));
                String answer = ledger.askFirst(PART, asked).get(ANSWER_MILLIS_MAX, TimeUnit.MILLISECONDS);
                List<JsonNode> points = new ArrayList<>();
                MAPPER.readTree(answer).forEach(points::add);
                return points;
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e);
            } catch (LedgerException | ExecutionException | TimeoutException e) {
                // The stored ones are known here.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return own(query);
    }

    private List<PointJson> own(HistoryQuery query) {
        return ledger.history().points(query).stream().map(PointJson::of).toList();
    }

    private static HistoryQuery read(String asked) {
        try {
            return MAPPER.readValue(asked, AskedHistory.class).query();
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
