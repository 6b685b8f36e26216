package dev.serai.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.camel.SourceReport.SourceError;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SourceSumTest {
    private static final Instant NOON = Instant.parse("2026-01-31T12:00:00.000001Z");

    private static SourceReport report(
            String name, SourceState state, @Nullable String reason, long count, @Nullable Instant lastGood) {
        return new SourceReport(
                name,
                "pull",
                List.of("orders"),
                state,
                reason == null ? null : NOON,
                reason,
                count,
                count,
                1,
                Map.of("401", count),
                2,
                count,
                1,
                lastGood,
                lastGood == null ? null : new SourceError(lastGood, "of " + lastGood),
                lastGood,
                lastGood,
                count,
                0,
                Duration.ofSeconds(90),
                0.5,
                null,
                count);
    }

    @Test
    void aNodeAloneReportsItsOwn() {
        List<SourceReport> own = List.of(report("a", SourceState.OK, null, 1, NOON));
        assertThat(SourceSum.of(own, Map.of())).isSameAs(own);
    }

    @Test
    void aReportComesBackWholeFromItsJson() {
        SourceReport report = report("a", SourceState.OK, null, 1, NOON);
        assertThat(SourceSum.of(List.of(), Map.of("b", SourceSum.json(List.of(report)))))
                .containsExactly(report);
    }

    @Test
    void countsAreAddedAndTheWorstStateSaysAtWhichNodeAndWhy() {
        List<SourceReport> sum = SourceSum.of(
                List.of(report("a", SourceState.OK, null, 5, NOON)),
                Map.of("b", SourceSum.json(List.of(report("a", SourceState.FAILING, "no answer", 7, null)))));
        assertThat(sum).hasSize(1);
        SourceReport all = sum.get(0);
        assertThat(all.state()).isEqualTo(SourceState.FAILING);
        assertThat(all.reason()).isEqualTo("on node b: no answer");
        assertThat(all.accepted()).isEqualTo(12);
        assertThat(all.runs()).isEqualTo(12);
        assertThat(all.duplicates()).isEqualTo(2);
        assertThat(all.refused()).containsExactly(Map.entry("401", 12L));
        assertThat(all.lastGoodAt()).isEqualTo(NOON);
        assertThat(all.lastError()).isEqualTo(new SourceError(NOON, "of " + NOON));
    }

    @Test
    void aPullThatRunsOnAnotherNodeHasItsRunsAndStateHere() {
        List<SourceReport> sum = SourceSum.of(
                List.of(report("a", SourceState.STARTING, null, 0, null)),
                Map.of("b", SourceSum.json(List.of(report("a", SourceState.OK, null, 3, NOON)))));
        assertThat(sum.get(0).state()).isEqualTo(SourceState.OK);
        assertThat(sum.get(0).runs()).isEqualTo(3);
        assertThat(sum.get(0).lastGoodAt()).isEqualTo(NOON);
    }

    @Test
    void aSourceOfAnotherNodeIsThereTooAndTheWorstIsTheFirst() {
        List<SourceReport> sum = SourceSum.of(
                List.of(report("a", SourceState.OK, null, 1, NOON)),
                Map.of("b", SourceSum.json(List.of(report("z", SourceState.FAILING, "no", 1, null))), "c", ""));
        assertThat(sum).extracting(SourceReport::name).containsExactly("z", "a");
    }

    @Test
    void whatAnotherVersionSaysInOtherWordsIsLeftOut() {
        List<SourceReport> own = List.of(report("a", SourceState.OK, null, 1, NOON));
        assertThat(SourceSum.of(own, Map.of("b", "{}"))).isEqualTo(own);
    }
}
