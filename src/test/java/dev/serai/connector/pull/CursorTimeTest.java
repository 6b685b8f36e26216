package dev.serai.connector.pull;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CursorTimeTest {
    private static final Instant NOW = Instant.parse("2026-11-29T00:00:00Z");

    @ParameterizedTest
    @CsvSource({
        "2026-11-01T10:00:05Z, 2026-11-01T09:59:55Z",
        "2026-11-01T10:00:05.120Z, 2026-11-01T09:59:55.120Z",
        "'2026-11-01T10:00:05,5Z', '2026-11-01T09:59:55,5Z'",
        "2026-11-01T10:00:05+08:00, 2026-11-01T09:59:55+08:00",
        "2026-11-01T10:00:05+0800, 2026-11-01T09:59:55+0800",
        "2026-03-01 00:00:05, 2026-02-28 23:59:55",
        "2026-11-01 10:00, 2026-11-01 09:59",
        "2026-11-01, 2026-11-01",
        "1790000000, 1789999990",
        "1790000000123, 1789999990123",
        "1790000000.5, 1789999990.5",
        "4711, 4711",
        "abc, abc",
        "2026-13-01T00:00:00Z, 2026-13-01T00:00:00Z",
    })
    void aTimeThatIsEarlierIsWrittenInTheSameWay(String value, String expected) {
        assertThat(PullCursor.minus(value, Duration.ofSeconds(10))).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2026-11-29T00:06:00Z", "2099-01-01T00:00:00Z", "2026-11-29T08:06:00+08:00"})
    void aTimeAheadOfNowDoesNotMoveTheCursor(String ahead) {
        assertThat(saved("2026-11-01T10:00:00Z", "2026-11-01T10:00:01Z", "2026-11-01T10:00:02Z", ahead))
                .isEqualTo("2026-11-01T10:00:01Z");
    }

    @ParameterizedTest
    @ValueSource(strings = {"2026-11-29 14:06:00", "2099-01-01 00:00:00", "2099-01-01"})
    void aTimeWithoutAZoneIsAheadIfItIsSoInAllZones(String ahead) {
        assertThat(saved("2026-11-01", "2026-11-02", "2026-11-03", ahead)).isEqualTo("2026-11-02");
    }

    @ParameterizedTest
    @ValueSource(strings = {"2026-11-29T00:04:00Z", "2026-11-29T08:04:00+08:00"})
    void aClockThatIsAheadALittleIsNoError(String value) {
        assertThat(saved(null, "2026-11-01T10:00:00Z", value, "2099-01-01T00:00:00Z", "2100-01-01T00:00:00Z"))
                .isEqualTo("2026-11-01T10:00:00Z");
        assertThat(saved(null, "2026-11-01T10:00:00Z", "2026-11-28T23:00:00Z", value))
                .isEqualTo("2026-11-28T23:00:00Z");
    }

    @Test
    void aNumberIsATimeOnlyBesideOneOfThePast() {
        assertThat(saved(null, "1700000000", "1700000001", "1700000002", "1999999999"))
                .isEqualTo("1700000001");
        assertThat(saved("1700000000000", "1700000000001", "1700000000002", "1999999999999"))
                .isEqualTo("1700000000001");
        assertThat(saved(null, "1999999997", "1999999998", "1999999999")).isEqualTo("1999999998");
        assertThat(saved("1", "2", "3", "4")).isEqualTo("3");
    }

    private static String saved(String before, String... values) {
        PullCursor cursor = new PullCursor(before, NOW);
        cursor.see(List.of(values));
        return cursor.toSave();
    }

    @ParameterizedTest
    @CsvSource({
        "2026-10-25 02:50:00, Europe/Berlin, PT50M",
        "2026-11-01 01:30:00, , PT30M",
        "2026-10-25 02:00:05, Europe/Berlin, PT10S",
        "2026-10-25 03:00:00, Europe/Berlin, PT10S",
        "2026-10-25 02:50:00, America/New_York, PT10S",
        "2026-11-01T01:59:59, America/New_York, PT59M59S",
        "2026-10-25 02:50:00, UTC, PT10S",
        "2026-10-25T02:50:00Z, , PT10S",
        "2026-03-29 02:30:00, Europe/Berlin, PT10S", // a time that no clock has shown
        "1792890600, , PT10S",
    })
    void theHourThatComesTwiceIsReadFromItsBeginning(String cursor, String zone, Duration expected) {
        ZoneId given = zone == null ? null : ZoneId.of(zone);
        assertThat(RepeatedHour.lookBack(cursor, Duration.ofSeconds(10), given)).isEqualTo(expected);
    }
}
