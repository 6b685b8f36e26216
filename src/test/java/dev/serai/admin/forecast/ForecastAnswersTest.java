package dev.serai.admin.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.MemoryCluster;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.RedeliveryPolicy;
import dev.serai.ledger.delivery.Subscription;
import dev.serai.ledger.delivery.TargetCircuit;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.history.HistoryQuery;
import dev.serai.ledger.history.HistoryStep;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.time.TimeSource;
import dev.serai.support.KameletRunner;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Two nodes of this process share a ledger, and are asked for forecasts. */
class ForecastAnswersTest {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final TargetName SHOP = new TargetName("orders", "shop");

    private final MemoryCluster cluster = new MemoryCluster(2);

    @AutoClose
    private final KameletRunner a =
            KameletRunner.listeningInCluster(cluster, "a").start();

    @AutoClose
    private final KameletRunner b =
            KameletRunner.listeningInCluster(cluster, "b").start();

    private static CompletableFuture<String> written(Supplier<?> work) {
        return CompletableFuture.supplyAsync(() -> json(work.get()).toString());
    }

    private static JsonNode json(Object shape) {
        try {
            return MAPPER.readTree(MAPPER.writeValueAsString(shape));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void subscribe(Ledger ledger) {
        Subscription subscription = ledger.subscribe(
                SHOP,
                TargetOptions.of(4, RedeliveryPolicy.DEFAULT, true, false),
                (changes, done) -> done.accept(new Outcome.Delivered(200)),
                new TargetCircuit(TimeSource.system()));
        subscription.start();
    }

    private Set<String> owners() {
        return Stream.of(0, 1)
                .flatMap(shard -> Stream.ofNullable(cluster.owner(shard)))
                .collect(Collectors.toSet());
    }

    @Test
    void anyNodeTellsOfTheMinuteThatIsNotOver() {
        List<Ledger> nodes = List.of(a.ledger(), b.ledger());
        await().until(() -> Set.of("a", "b").equals(owners())
                && nodes.get(0).isFirstOwn() != nodes.get(1).isFirstOwn());
        Ledger first = nodes.get(nodes.get(0).isFirstOwn() ? 0 : 1);
        Ledger other = nodes.get(nodes.get(0).isFirstOwn() ? 1 : 0);
        HistoryAnswers asked = new HistoryAnswers(other, ForecastAnswersTest::written);
        HistoryAnswers knows = new HistoryAnswers(first, ForecastAnswersTest::written);
        subscribe(first);
        subscribe(other);
        for (int i = 0; i < 20; i++) {
            Change change = new Change(
                    "orders", "i" + i, "k" + i, null, Operation.UPSERT, null, Map.of(), new byte[] {'{', '}'});
            await().ignoreExceptions().until(() -> first.accept(change).join() != null);
        }
        Instant now = Instant.now();
        HistoryQuery query = new HistoryQuery(
                HistoryStep.HOUR, "orders", null, now.minus(Duration.ofHours(2)), now.plus(Duration.ofHours(1)));
        assertThat(accepted(knows.points(query))).isEqualTo(20);
        assertThat(accepted(asked.points(query))).isEqualTo(20);
    }

    private static long accepted(List<?> points) {
        long sum = 0;
        for (JsonNode point : json(points)) {
            sum += point.get("accepted").asLong();
        }
        return sum;
    }

    @Test
    void allNodesAnswerWithTheForecastsOfTheOneThatHasTheFirstShard() {
        List<Ledger> nodes = List.of(a.ledger(), b.ledger());
        await().until(() -> Set.of("a", "b").equals(owners())
                && nodes.get(0).isFirstOwn() != nodes.get(1).isFirstOwn());
        Ledger first = nodes.get(nodes.get(0).isFirstOwn() ? 0 : 1);
        Ledger other = nodes.get(nodes.get(0).isFirstOwn() ? 1 : 0);
        ForecastAnswers asked = new ForecastAnswers(other, ForecastAnswersTest::written);
        subscribe(first);
        subscribe(other);
        await().untilAsserted(() -> assertThatThrownBy(asked::all).isInstanceOf(LedgerException.Overloaded.class));

        ForecastAnswers makes = new ForecastAnswers(first, ForecastAnswersTest::written);
        for (int i = 0; i < 20; i++) {
            Change change = new Change(
                    "orders", "i" + i, "k" + i, null, Operation.UPSERT, null, Map.of(), new byte[] {'{', '}'});
            await().ignoreExceptions().until(() -> first.accept(change).join() != null);
        }
        await().until(() -> first.flows().get(0).targets().get(0).delivered() == 20);
        JsonNode made = json(makes.of(SHOP).orElseThrow());
        assertThat(made.get("observed").asLong()).isBetween(1L, 19L);
        JsonNode answered = json(asked.of(SHOP).orElseThrow());
        assertThat(answered.get("observed")).isEqualTo(made.get("observed"));
        assertThat(answered.get("chain")).isEqualTo(made.get("chain"));
        assertThat(json(asked.all())).hasSize(1);
        first.pause(SHOP, "me", null).join();
        assertThat(asked.of(SHOP)).isEmpty();
    }
}
