package dev.serai.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExactJsonTest {

    @ParameterizedTest
    @ValueSource(strings = {"1e99999999950", "-1.5E+99999999999", "[{\"a\":1e-99999999999}]"})
    void aNumberThatCannotBeHeldIsNoJson(String text) {
        assertThatThrownBy(() -> ExactJson.MAPPER.readTree(text)).isInstanceOf(JsonProcessingException.class);
        assertThatThrownBy(() -> ExactJson.STRICT.readTree(text)).isInstanceOf(JsonProcessingException.class);
        assertThatThrownBy(() -> ExactJson.routeMapper().readValue(text, JsonNode.class))
                .isInstanceOf(JsonProcessingException.class);
        assertThat(JsonText.isJson(text.getBytes(UTF_8))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"12.50", "1e999999999", "[1,{\"a\":[]}]", "null", "\"x\""})
    void aValueKeepsItsDigits(String text) throws Exception {
        assertThat(JsonText.isJson(text.getBytes(UTF_8))).isTrue();
        assertThat(ExactJson.MAPPER.readTree(text))
                .isEqualTo(ExactJson.routeMapper().readTree(text));
        assertThat(ExactJson.MAPPER.readTree("12.50").toString()).isEqualTo("12.50");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "1 2", "{}{}", "[1", "{\"a\":}", "nul"})
    void whatIsNotExactlyOneValueIsNoJson(String text) {
        assertThat(JsonText.isJson(text.getBytes(UTF_8))).isFalse();
    }
}
