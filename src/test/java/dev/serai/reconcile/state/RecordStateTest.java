package dev.serai.reconcile.state;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.text.ExactJson;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecordStateTest {

    @Test
    void fieldsThatAreIgnoredAreLeftOutOfTheStateAndNotOfTheRecord() throws Exception {
        JsonNode record = ExactJson.ONE_VALUE.readTree("{\"id\":\"k1\",\"at\":5,\"amount\":7}");
        RecordState state = new RecordState("state", null, List.of("at", "at"));

        assertThat(state.of(record)).isEqualTo(ExactJson.ONE_VALUE.readTree("{\"id\":\"k1\",\"amount\":7}"));
        assertThat(record.has("at")).isTrue();
    }
}
