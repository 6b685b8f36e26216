package dev.serai.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationTextTest {
    @ParameterizedTest
    @CsvSource({
        "500ms, 500",
        "30s, 30000",
        "5m, 300000",
        "1h30m, 5400000",
        "1s500ms, 1500",
        "7d, 604800000",
        "1500, 1500",
        "' 5s ', 5000",
        "0, 0",
        "-1, -1"
    })
    void itIsReadInMilliseconds(String text, long millis) {
        assertThat(DurationText.millis(text)).isEqualTo(millis);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "5M", "5S", "abc", "5 minutes", "5 m", "1.5s", "PT5M", "-5m", "m", "5m-", "999999999999999d"
            })
    void whatIsNoneIsRefusedAndNotZero(String text) {
        assertThatThrownBy(() -> DurationText.millis(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not a duration such as 500ms, 30s, 5m or 1h");
    }
}
