package dev.serai.camel.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.serai.ledger.model.LedgerException;
import dev.serai.support.KameletRunner;
import dev.serai.support.Patience;
import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import dev.serai.support.RemoteSide.Asked;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One event that becomes several changes, and one change that becomes several requests. */
class PartsTest {
    private static final String SPLIT_TARGET = """
            - route:
                from:
                  uri: direct:in
                  steps:
                    - to: { uri: "ledger:orders", parameters: { id: "${header.event}", key: a } }
            - route:
                from:
                  uri: ledger:orders
                  parameters: { target: shop, redeliveryDelay: 50ms }
                  steps:
                    - split: { jq: ".", steps: [ STEPS ] }
            """;

    private static final String SEND =
            "{ to: { uri: \"kamelet:http-sink\", parameters: { url: \"{{shop}}/lines\" } } }";

    private static final String LIST = """
            - route:
                from:
                  uri: direct:in
                  steps:
                    - to: { uri: "ledger:orders", parameters: { batch: true, id: "ID", key: "${jq(.key)}" } }
            """;

    @TempDir
    private Path data;

    private final RemoteSide shop = new RemoteSide(asked -> Answer.json("{}"));
    private KameletRunner runner;

    @AfterEach
    void stop() {
        if (runner != null) {
            runner.close();
        }
        shop.close();
    }

    private void run(String routes) throws Exception {
        runner = new KameletRunner(data)
                .with(routes, Map.of("shop", shop.url("")))
                .start();
    }

    @Test
    void eachPartOfASplitChangeHasAnIdOfItsOwn() throws Exception {
        run(SPLIT_TARGET.replace("STEPS", SEND));

        runner.sendOk("direct:in", "[1,2,3]".getBytes(UTF_8), Map.of("event", "e1"));

        await().atMost(Patience.MAX).until(() -> shop.asked.size() == 3);
        assertThat(idempotencyKeys()).containsExactly("e1.0", "e1.1", "e1.2");
    }

    @Test
    void nestedPartsHaveTheIndexOfEachSplit() throws Exception {
        run(SPLIT_TARGET.replace("STEPS", "{ split: { jq: \".\", steps: [ " + SEND + " ] } }"));

        runner.sendOk("direct:in", "[[1,2],[3]]".getBytes(UTF_8), Map.of("event", "e1"));

        await().atMost(Patience.MAX).until(() -> shop.asked.size() == 3);
        assertThat(idempotencyKeys()).containsExactly("e1.0.0", "e1.0.1", "e1.1.0");
    }

    @Test
    void theItemsOfAListWithTheIdOfTheirEventAreChangesOfTheirOwn() throws Exception {
        run(LIST.replace("ID", "${header.event}"));
        byte[] list = "[{\"key\":\"a\",\"n\":1},{\"key\":\"b\",\"n\":2}]".getBytes(UTF_8);

        runner.sendOk("direct:in", list, Map.of("event", "e1"));
        Exchange again = runner.sendOk("direct:in", list, Map.of("event", "e1"));

        assertThat(runner.accepted("orders"))
                .extracting(entry -> entry.change().id())
                .containsExactlyInAnyOrder("e1.0", "e1.1");
        assertThat(again.getMessage().getHeader(LedgerConstants.DUPLICATE)).isEqualTo(true);
    }

    @Test
    void anIdThatIsReadFromTheItemStaysAsItIs() throws Exception {
        run(LIST.replace("ID", "${header.event}-${jq(.line)}"));

        runner.sendOk("direct:in", "[{\"key\":\"a\",\"line\":7}]".getBytes(UTF_8), Map.of("event", "e1"));

        assertThat(runner.accepted("orders"))
                .extracting(entry -> entry.change().id())
                .containsExactly("e1-7");
    }

    @Test
    void aListInJsonTextIsReadAsJson() throws Exception {
        run(LIST.replace("ID", "${jq(.key)}"));

        runner.sendOk("direct:in", "[{\"key\":\"a\",\"text\":\"1,2\"},{\"key\":\"b\"}]", Map.of());

        assertThat(runner.accepted("orders"))
                .extracting(entry -> entry.change().key())
                .containsExactly("b", "a");
    }

    @Test
    void whatIsNoListIsRefusedWhole() throws Exception {
        run(LIST.replace("ID", "${jq(.key)}"));
        for (Object body : List.of("{\"items\":[{\"key\":\"a\"}]}", "a,b", "[1] x", "7")) {
            Exchange refused = runner.send("direct:in", body, Map.of());

            assertThat(refused.getException())
                    .isInstanceOf(LedgerException.Invalid.class)
                    .hasMessageContaining("takes a list");
        }
        assertThat(runner.accepted("orders")).isEmpty();
    }

    private List<String> idempotencyKeys() {
        return shop.asked.stream()
                .map(asked -> header(asked, "Idempotency-Key"))
                .toList();
    }

    private static String header(Asked asked, String name) {
        return asked.headers().entrySet().stream()
                .filter(header -> header.getKey().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow()
                .getValue();
    }
}
