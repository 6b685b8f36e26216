package dev.serai.ledger.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAfterTest {
    private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");

    @Test
    void secondsAndDatesAreRead() {
        assertThat(delay("120")).hasSeconds(120);
        assertThat(delay("Sat, 28 Nov 2026 12:01:00 GMT")).hasSeconds(60);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "Sat, 28 Nov 2026 11:59:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"})
    void zeroAndATimeThatIsOverAskForNothing(String value) {
        assertThat(delay(value)).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "-5", "1.5", "soon", "2026-11-28T12:01:00Z", "Sat, 99 Nov 2026 12:01:00 GMT", "１２"})
    void whatCannotBeReadAsksForNothing(String value) {
        assertThat(delay(value)).isNull();
        assertThat(RetryAfter.of(null, null, NOW).delay()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "86401",
                "99999999999",
                "99999999999999999999999999",
                "Thu, 28 Nov 2126 12:00:00 GMT",
                "Fri, 31 Dec 9999 23:59:59 GMT"
            })
    void anAbsurdlyLongWaitIsCutAndTold(String value) {
        RetryAfter asked = RetryAfter.of(value, null, NOW);

        assertThat(asked.delay()).isEqualTo(RedeliveryPolicy.RETRY_AFTER_MAX);
        assertThat(asked.note()).startsWith(" (it asked to be left alone for ");
        assertThat(RetryAfter.of("86400", null, NOW).note()).isEmpty();
    }

    @Test
    void aDateIsReckonedByTheClockOfTheOtherSide() {
        String anHourAhead = "Sat, 28 Nov 2026 13:00:00 GMT";

        assertThat(RetryAfter.of("Sat, 28 Nov 2026 13:00:10 GMT", anHourAhead, NOW)
                        .delay())
                .hasSeconds(10);
        assertThat(RetryAfter.of("Sat, 28 Nov 2026 12:00:10 GMT", "nonsense", NOW)
                        .delay())
                .hasSeconds(10);
    }

    @Test
    void secondsOfAnyNumber() {
        assertThat(RetryAfter.ofSeconds(0.5).delay()).isEqualTo(Duration.ofMillis(500));
        assertThat(RetryAfter.ofSeconds(-1).delay()).isZero();
        assertThat(RetryAfter.ofSeconds(Double.NaN).delay()).isNull();
        assertThat(RetryAfter.ofSeconds(1e300).delay()).isEqualTo(RedeliveryPolicy.RETRY_AFTER_MAX);
    }

    private static @Nullable Duration delay(String value) {
        return RetryAfter.of(value, null, NOW).delay();
    }
}
