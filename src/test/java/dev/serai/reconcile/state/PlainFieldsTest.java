package dev.serai.reconcile.state;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.pull.JqExpression;
import dev.serai.connector.pull.PullException;
import dev.serai.text.ExactJson;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainFieldsTest {
    private static final List<String> RECORDS = List.of(
            "{\"id\":\"k1\",\"state\":null,\"amount\":{\"total\":12.50,\"currency\":\"CNY\"},\"more\":[1]}",
            "{\"id\":1e0,\"amount\":null}",
            "{\"id\":\"k1\",\"amount\":7}",
            "{}",
            "null",
            "[{\"id\":1}]",
            "\"text\"",
            "7");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{id}",
                " { id , state,amount } ",
                "{id, total: .amount.total}",
                "{id: .more, id}",
                "{a:.amount.currency,b:.amount.total}"
            })
    void aPlainExpressionFindsWhatJqFinds(String expression) throws Exception {
        PlainFields fields = PlainFields.of(expression);
        JqExpression jq = new JqExpression("state", expression);

        for (String record : RECORDS) {
            JsonNode read = ExactJson.ONE_VALUE.readTree(record);
            JsonNode found = fields.of(read);
            if (found != null) {
                assertThat(List.of(found)).as(record).isEqualTo(jq.all(read));
            } else {
                assertThat(read.isObject() && found(jq, read)).as(record).isFalse();
            }
        }
    }

    private static boolean found(JqExpression jq, JsonNode record) {
        try {
            return !jq.all(record).isEmpty();
        } catch (PullException e) {
            return false;
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {".", ".id", "{id, n: (.amount * 100)}", "{id} | .id", "{(.id): 1}", "{$__loc__}", "{id: 1}", "{}"
            })
    void whatDoesMoreIsLeftToJq(String expression) {
        assertThat(PlainFields.of(expression)).isNull();
    }

    @Test
    void fieldsThatAreIgnoredAreLeftOutOfTheStateAndNotOfTheRecord() throws Exception {
        JsonNode record = ExactJson.ONE_VALUE.readTree("{\"id\":\"k1\",\"at\":5,\"amount\":7}");
        RecordState state = new RecordState("state", null, List.of("at", "at"));

        assertThat(state.of(record)).isEqualTo(ExactJson.ONE_VALUE.readTree("{\"id\":\"k1\",\"amount\":7}"));
        assertThat(record.has("at")).isTrue();
    }
}
