package dev.serai.ledger.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class VersionOrderTest {

    @Test
    void valuesCompareAsNumbersTimesOrText() {
        assertThat(VersionOrder.compare("9", "10")).isNegative();
        assertThat(VersionOrder.compare("1.50", "1.5")).isZero();
        assertThat(VersionOrder.compare("2026-01-01T01:00:00+01:00", "2026-01-01T00:00:00Z"))
                .isZero();
        assertThat(VersionOrder.compare("2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00Z"))
                .isPositive();
        assertThat(VersionOrder.compare("2026-01-01", "2026-01-02")).isNegative();
        assertThat(VersionOrder.compare("a", "b")).isNegative();
    }
}
