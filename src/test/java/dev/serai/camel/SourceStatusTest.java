package dev.serai.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.time.TimeSource;
import dev.serai.rhythm.SourceMemory;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class SourceStatusTest {
    private static final Instant START = Instant.parse("2026-01-31T08:00:00Z");

    private Instant now = START;
    private final SourceStatus status = new SourceStatus("pull", new TimeSource() {
        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public long monotonicMillis() {
            return now.toEpochMilli();
        }
    });

    private SourceReport report() {
        return status.report("games", false, null, false);
    }

    private void later(Duration duration) {
        now = now.plus(duration);
    }

    private void run(String failure) {
        status.begun(null);
        if (failure == null) {
            status.good();
        } else {
            status.failed(failure);
        }
    }

    @Test
    void nothingIsKnownBeforeTheFirstRunHasEnded() {
        assertThat(report().state()).isEqualTo(SourceState.STARTING);

        status.begun(null);
        status.taken(3, 3, 0, "scores");

        assertThat(report().state()).isEqualTo(SourceState.STARTING);
        assertThat(report().records()).isEqualTo(3);
        assertThat(report().flows()).containsExactly("scores");
    }

    @Test
    void aSourceIsFailingUntilARunIsGood() {
        run(null);
        later(Duration.ofMinutes(1));
        run("HTTP 500");
        later(Duration.ofMinutes(1));
        status.begun(null);
        status.taken(3, 0, 0, null);

        assertThat(report().state()).isEqualTo(SourceState.FAILING);
        assertThat(report().since()).isEqualTo(START.plusSeconds(60));
        assertThat(report().lastGoodAt()).isEqualTo(START);

        status.good();
        assertThat(report().state()).isEqualTo(SourceState.OK);
        assertThat(report().reason()).isNull();
        assertThat(report().lastError()).isEqualTo(new SourceReport.SourceError(START.plusSeconds(60), "HTTP 500"));
        assertThat(report().failedRuns()).isEqualTo(1);
        assertThat(report().runs()).isEqualTo(3);
    }

    @Test
    void aFailureIsNewsOnceAndAgainForAnotherCause() {
        assertThat(status.failed("HTTP 500: no. 1")).isTrue();
        assertThat(status.failed("HTTP 500: no. 2")).isFalse();
        assertThat(status.failed("HTTP 401: no. 3")).isTrue();
        assertThat(status.good()).isTrue();
        assertThat(status.good()).isFalse();
        assertThat(status.failed("HTTP 401: no. 4")).isTrue();
    }

    @Test
    void anAttemptThatFailsIsOverWhenItsRepetitionIsTaken() {
        run(null);
        status.begun(null);
        assertThat(status.attemptFailed("HTTP 503")).isTrue();
        assertThat(report().state()).isEqualTo(SourceState.FAILING);

        assertThat(status.taken(1, 1, 0, null)).isTrue();
        assertThat(report().state()).isEqualTo(SourceState.OK);
    }

    @Test
    void anAttemptDoesNotHideThatTheRunBeforeFailed() {
        run("HTTP 401");
        status.begun(null);
        status.attemptFailed("HTTP 503");

        assertThat(status.taken(1, 1, 0, null)).isFalse();
        assertThat(report().state()).isEqualTo(SourceState.FAILING);
    }

    @Test
    void aRunThatAStopEndsIsNeitherGoodNorAFailure() {
        run("HTTP 500");
        status.begun(null);
        status.stopped();

        assertThat(report().state()).isEqualTo(SourceState.FAILING);
        assertThat(report().runs()).isEqualTo(1);
    }

    @Test
    void aProblemStaysWhateverTheRunsDo() {
        assertThat(status.problem("files", "1 file is in .failed")).isTrue();
        run(null);
        assertThat(status.problem("files", "1 file is in .failed")).isFalse();

        assertThat(report().state()).isEqualTo(SourceState.FAILING);
        assertThat(report().reason()).isEqualTo("1 file is in .failed");
        assertThat(report().since()).isEqualTo(START);

        status.problem("files", null);
        assertThat(report().state()).isEqualTo(SourceState.OK);
    }

    @Test
    void aRunThatDoesNotBeginWhenItIsDueMakesTheSourceSilent() {
        status.begun(START.plusSeconds(60));
        status.good();
        later(Duration.ofMinutes(2));
        assertThat(report().state()).isEqualTo(SourceState.OK);

        later(Duration.ofSeconds(1));
        assertThat(report().state()).isEqualTo(SourceState.SILENT);
        assertThat(report().since()).isEqualTo(START.plusSeconds(60));
        assertThat(report().reason()).contains("a run was due at 2026-01-31T08:01:00Z and did not begin");

        status.begun(START.plusSeconds(300));
        assertThat(report().state()).isEqualTo(SourceState.OK);
    }

    @Test
    void aRunThatTakesLongerThanItsScheduleIsNotSilent() {
        run(null);
        status.begun(START.plusSeconds(60));
        assertThat(report().nextRunAt()).isEqualTo(START.plusSeconds(60));
        later(Duration.ofHours(1));

        assertThat(report().state()).isEqualTo(SourceState.OK);
        assertThat(report().nextRunAt()).isNull();
    }

    @Test
    void whatTheLedgerHadAlreadyIsCountedApart() {
        status.taken(5, 3, 1, "scores");
        status.taken(4, null, 0, null);

        assertThat(report().records()).isEqualTo(9);
        assertThat(report().accepted()).isEqualTo(3);
        assertThat(report().duplicates()).isEqualTo(2);
        assertThat(report().broken()).isEqualTo(1);
    }

    @Test
    void troubleIsDatedFromWhenItWasFirstSeen() {
        status.good();
        later(Duration.ofMinutes(5));
        assertThat(status.report("in", false, "there is no connection", true).since())
                .isEqualTo(now);
        later(Duration.ofMinutes(5));

        SourceReport report = status.report("in", false, "there is no connection", true);
        assertThat(report.state()).isEqualTo(SourceState.FAILING);
        assertThat(report.since()).isEqualTo(START.plusSeconds(300));
        assertThat(report.lastError())
                .isEqualTo(new SourceReport.SourceError(START.plusSeconds(300), "there is no connection"));
        assertThat(status.report("in", false, null, true).since()).isNull();
    }

    @Test
    void aSourceThatRunsAndFindsNothingNewForFarLongerThanUsualIsSilent() {
        status.pauses().remember(SourceMemory.none(ZoneOffset.UTC));
        for (int run = 0; run < 10 * 24 * 60; run++) {
            later(Duration.ofMinutes(1));
            status.begun(null);
            status.taken(2, 1, 0, "scores");
            status.good();
        }
        Instant last = now;
        for (int run = 0; run < 8; run++) {
            later(Duration.ofMinutes(1));
            status.begun(null);
            status.taken(1, 0, 0, "scores");
            status.good();
        }
        status.pauses().look(true);
        assertThat(report().state()).isEqualTo(SourceState.OK);
        later(Duration.ofMinutes(2));
        status.pauses().look(true);

        assertThat(report().state()).isEqualTo(SourceState.SILENT);
        assertThat(report().since()).isEqualTo(last);
        assertThat(report().reason())
                .isEqualTo(
                        "no new record was found since " + last + "; at this hour of the week the usual pause is 60 s");
        status.taken(2, 1, 0, "scores");
        assertThat(report().state()).isEqualTo(SourceState.OK);
    }
}
