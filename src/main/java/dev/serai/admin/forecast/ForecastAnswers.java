package dev.serai.admin.forecast;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.TargetName;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers what is asked about forecasts, the same at all nodes that share a ledger: the one with the first shard makes them, since
 * the counts of all are kept there.
 *
 * <p>Threads: safe; the answers may block.
 */
public final class ForecastAnswers {
    private static final String PART = "forecast";
    private static final String ALL = "";
    private static final JsonMapper MAPPER = new JsonMapper();

    private final Ledger ledger;
    private final ForecastReport report;

    /** @param written what the work makes, as the JSON of an answer, made on a thread for that */
    public ForecastAnswers(Ledger ledger, Function<Supplier<@Nullable Object>, CompletableFuture<String>> written) {
        this.ledger = ledger;
        this.report = new ForecastReport(ledger);
        ledger.talk().answerFor(PART, asked -> written.apply(() -> own(asked)));
    }

    private @Nullable Object own(String asked) {
        if (asked.equals(ALL)) {
            return report.all();
        }
        int slash = asked.indexOf('/');
        return report.of(new TargetName(asked.substring(0, slash), asked.substring(slash + 1)))
                .orElse(null);
    }

    /** A list of {@link ForecastJson}; throws {@link LedgerException} if the node that makes them does not answer. */
    public Object all() {
        return ledger.isFirstOwn() ? report.all() : ask(ALL);
    }

    /** One {@link ForecastJson}; empty if nothing can be foretold. Throws as {@link #all}. */
    public Optional<?> of(TargetName name) {
        if (ledger.isFirstOwn()) {
            return report.of(name);
        }
        JsonNode answer = ask(name.flow() + "/" + name.target());
        return answer.isNull() ? Optional.empty() : Optional.of(answer);
    }

    private JsonNode ask(String asked) {
        try {
            return MAPPER.readTree(ledger.askFirst(PART, asked).join());
        } catch (CompletionException e) {
            throw e.getCause() instanceof LedgerException refused ? refused : e;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
