package dev.serai.connector.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class JqExpressionTest {
    private static JsonNode json(String text) throws Exception {
        return JqExpression.json(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void anExpressionThatFindsTooManyValuesFailsBeforeItFillsTheMemory() throws Exception {
        JqExpression range = new JqExpression("records", "range(.n)");

        assertThat(range.all(json("{\"n\":3}"))).hasSize(3);
        assertThatThrownBy(() -> range.all(json("{\"n\":1e12}")))
                .isInstanceOf(PullException.class)
                .hasMessageContainingAll("records (range(.n)) fails on the answer: it finds more than ", " values");
    }
}
