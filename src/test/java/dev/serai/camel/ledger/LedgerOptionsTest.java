package dev.serai.camel.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.camel.main.Main;
import org.apache.camel.util.TimeUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LedgerOptionsTest {

    @ParameterizedTest
    @ValueSource(strings = {"username", "password"})
    void anOptionThatTheLedgerDoesNotUseIsRefusedAtTheStart(String option) {
        Main main = new Main();
        main.bind("ledger", new LedgerComponent(url -> {
            throw new IllegalStateException("not opened");
        }));
        main.addInitialProperty("camel.component.ledger." + option, "hidden");

        try {
            assertThatThrownBy(main::start).hasStackTraceContaining("camel.component.ledger." + option);
        } finally {
            main.stop();
        }
    }

    /** What is shown stands in an annotation, what holds stands in the code. */
    @Test
    void everyOptionHasTheDefaultThatIsShown() throws Exception {
        Map<String, String> shown = new TreeMap<>();
        Map<String, String> actual = new TreeMap<>();
        for (Map.Entry<String, JsonNode> option : component().path("properties").properties()) {
            Object holder =
                    switch (option.getValue().path("label").asText()) {
                        case "producer" -> new LedgerProducerOptions();
                        case "consumer" -> new LedgerConsumerOptions();
                        default -> null;
                    };
            String value = option.getValue().path("defaultValue").asText();
            String type = option.getValue().path("type").asText();
            if (holder != null && !value.isEmpty() && !type.equals("string")) {
                Field field = holder.getClass().getDeclaredField(option.getKey());
                field.setAccessible(true);
                shown.put(option.getKey(), type.equals("duration") ? "" + TimeUtils.toMilliSeconds(value) : value);
                actual.put(option.getKey(), field.get(holder).toString().toLowerCase(Locale.ROOT));
            }
        }

        assertThat(shown).containsKeys("concurrency", "redeliveryDelay", "timeout", "order");
        assertThat(actual).isEqualTo(shown);
    }

    private static JsonNode component() throws Exception {
        try (InputStream in =
                LedgerEndpoint.class.getResourceAsStream("/META-INF/dev/serai/camel/ledger/ledger.json")) {
            return new ObjectMapper().readTree(in);
        }
    }
}
