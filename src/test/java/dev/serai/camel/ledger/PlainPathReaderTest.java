package dev.serai.camel.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.camel.LeanCamelContext;
import dev.serai.ledger.model.LedgerException;
import dev.serai.text.ExactJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.camel.Exchange;
import org.apache.camel.Expression;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a body holds, a plain path gives what the expression gives. */
class PlainPathReaderTest {
    private static final List<String> EXPRESSIONS = List.of("${jq(.id)}", "${jq(.a.b)}", "${jq(.a.c)}", "${jq(.n)}");

    private static final DefaultCamelContext CONTEXT = new LeanCamelContext(true);
    private static final List<Expression> SLOW = new ArrayList<>();
    private static final PlainPathReader FAST = new PlainPathReader();

    @BeforeAll
    static void prepare() {
        CONTEXT.getRegistry().bind("exactJson", ExactJson.routeMapper());
        CONTEXT.start();
        for (String text : EXPRESSIONS) {
            Expression expression = CONTEXT.resolveLanguage("simple").createExpression(text);
            expression.init(CONTEXT);
            SLOW.add(expression);
            assertThat(FAST.add(text)).isEqualTo(SLOW.size() - 1);
        }
    }

    @AfterAll
    static void stop() {
        CONTEXT.stop();
    }

    private static @Nullable String slow(int path, byte[] body) {
        Exchange exchange = new DefaultExchange(CONTEXT);
        exchange.getMessage().setBody(body);
        String text = SLOW.get(path).evaluate(exchange, String.class);
        return text == null || text.isEmpty() ? null : text;
    }

    private static boolean isReadAsByTheExpressions(String json) {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        @Nullable String @Nullable [] values;
        try {
            values = FAST.read(body);
        } catch (LedgerException.Invalid twice) {
            assertThat(twice).hasMessageContaining("twice");
            return false;
        }
        for (int path = 0; values != null && path < values.length; path++) {
            String value = values[path];
            assertThat(value == null || value.isEmpty() ? null : value)
                    .as(json + " " + EXPRESSIONS.get(path))
                    .isEqualTo(slow(path, body));
        }
        return values != null;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"id\":\"x\",\"a\":{\"b\":7,\"c\":\"\"},\"n\":-12345678901234567890123}",
                "{\"a\":{\"c\":\"\\u00e4\\ud83d\\ude00\\n\"},\"other\":[{\"id\":1},[2]],\"id\":\"null\"}",
                "{\"a\":null,\"id\":null}",
                "{}",
                " {\"id\" : \"1\"}\n"
            })
    void whatIsPlainIsRead(String json) {
        assertThat(isReadAsByTheExpressions(json)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"id\":\"x\",\"id\":\"y\"}",
                "{\"a\":{\"b\":1},\"a\":{\"c\":2}}",
                "{\"id\":1.50}",
                "{\"id\":-0}",
                "{\"id\":true}",
                "{\"id\":{}}",
                "{\"a\":\"text\"}",
                "[{\"id\":1}]",
                "\"id\"",
                "",
                "{\"id\":\"x\"",
                " {\"id\" : \"1\"} trailing",
                "{\"id\":\"x\"}{\"id\":\"y\"}",
                "{\"id\":\"x\",}",
                "no json"
            })
    void whatIsNotPlainIsLeftToTheExpressions(String json) {
        assertThat(isReadAsByTheExpressions(json)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"${jq(.id)}x", "${jq(.[0])}", "${jq(.id // .n)}", "${header.id}", "${jq(.\"id\")}", "id"})
    void otherExpressionsAreNotPlain(String expression) {
        assertThat(new PlainPathReader().add(expression)).isEqualTo(PlainPathReader.NONE);
    }

    @Test
    void bodiesAtRandomAreReadAsByTheExpressions() {
        long seed = System.nanoTime();
        System.out.println("PlainPathReaderTest: seed " + seed);
        Random random = new Random(seed);
        int read = 0;
        for (int i = 0; i < 2_000; i++) {
            read += isReadAsByTheExpressions(json(random, 0)) ? 1 : 0;
        }
        assertThat(read).isPositive();
    }

    private static String json(Random random, int depth) {
        int kind = random.nextInt(depth == 0 ? 2 : 10);
        if (kind < 3 && depth < 4) {
            List<String> fields = new ArrayList<>();
            for (int i = random.nextInt(5); i > 0; i--) {
                String name = List.of("id", "a", "b", "c", "n", "x").get(random.nextInt(6));
                fields.add('"' + name + "\":" + json(random, depth + 1));
            }
            return "{" + String.join(",", fields) + "}";
        }
        return List.of("\"t\"", "\"\"", "1", "-7", "1e3", "12.50", "true", "null", "[1]", "\"12\"")
                .get(random.nextInt(10));
    }
}
